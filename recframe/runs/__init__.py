"""A run: from a spec to a folder with a trained model and its figures.

`run` prepares, trains, evaluates and exports; `place` and `folder` know the files of a run; `again` reads them for
a second evaluation or export; `forecast`, `memory_needed` and `export_dry_run` say beforehand what a run will take.
"""
