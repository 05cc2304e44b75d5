"""From scores to figures: `ranking` ranks what a scorer gives, `measure` says what metrics.json holds.

`example_ranks` ranks the labels of examples, without a split or a history.
"""
