"""TFRecord files of tf.train.Examples: `example_bytes` is their encoding, `files` writes and reads files of them, and
`reading` makes the columns of an InputSpec of what was read.
"""
