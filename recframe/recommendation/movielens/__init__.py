"""MovieLens as Model Maker wrote it: TFRecord files of tf.train.Examples with their vocabularies and meta data.

`examples` makes the files of what the dataset `movielens` reads, as `arguments` says, with the `vocabularies` beside
them; `record` tells which arguments made a folder.
"""
