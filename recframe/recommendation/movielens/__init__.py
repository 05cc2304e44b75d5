"""MovieLens as Model Maker wrote it: TFRecord files of tf.train.Examples with their vocabularies and meta data.

`examples` makes the files of what the dataset `movielens` reads, and `vocabularies` those beside them; `record` tells
which arguments made a folder, and `staging` lets files appear together.
"""
