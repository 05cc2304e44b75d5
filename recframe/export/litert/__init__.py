"""Converts the serving graph into a LiteRT (.tflite) file.

`lite` converts the graph and runs the file. `quantize` writes its weights in a smaller number format, with the tables
that `rounding` rounds. `flatbuffer` reads and edits the file itself.
"""
