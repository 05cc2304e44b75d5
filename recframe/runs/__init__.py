"""A run: from a spec to a folder with a trained model and its figures.

`training` makes a `run`, with `fitting` for the epochs; `going_on` and `identity` tell which run goes on after it was
stopped. `place` and `folder` know the files of a run; `again` reads them for a second evaluation or export. `forecast`,
`memory_needed` and `export_dry_run` say beforehand what a run will take.
"""
