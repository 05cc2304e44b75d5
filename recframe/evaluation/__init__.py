"""Computes ranks and metrics from scores.

`measure` computes the figures of metrics.json. It calls `ranking`, which ranks the targets by the scores of a scorer:
`scorers` defines scorers, `keras_scorer` makes one of a model, and `baselines` one of each comparator. `block_ranking`
and `best_columns` do the ranking, in blocks of the catalogue. `rank_metrics`, `list_metrics`, `categories`, `segments`
and `intervals` turn ranks and lists into figures. `comparability` tells whether two runs can be compared.
`example_ranks` ranks the labels of examples, without a split or a history.
"""
