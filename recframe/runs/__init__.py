"""A run: from a spec to a folder with a trained model and its metrics.

`training` makes a `run`, with `fitting` for the epochs. `resuming` and `identity` decide whether a stopped run can be
resumed. `place` and `folder` handle the files of a run. `saved_run` loads a run to evaluate or export it again.
`forecast`, `memory_needed` and `export_dry_run` estimate in advance what a run needs.
"""
