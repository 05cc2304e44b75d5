"""A run: from a spec to a folder with a trained model and its figures.

`run` prepares, trains, evaluates and exports; `place` and `folder` know the files that this leaves; `again` reads them for
a second evaluation or export; `plan` tells what would be done.
"""
