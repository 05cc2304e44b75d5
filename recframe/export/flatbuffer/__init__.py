"""A .tflite file as a tree of the schema's objects: read, edited, made small, and written.

`reading` parses and tells what a file holds, `constants` finds its tables, `editing` puts operators in. `slim` makes
the finished file: `simplify`, then `canonical`, then `packing`.
"""
