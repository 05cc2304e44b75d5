"""MovieLens as Model Maker wrote it: TFRecord files of tf.train.Examples, with vocabularies and meta data.

`examples` makes the files, as `arguments` asks for; `vocabularies` makes the texts beside them; `record` says which
arguments made a folder.
"""
