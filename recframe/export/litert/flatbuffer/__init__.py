"""A .tflite file as a tree of the schema's objects: read, edited, made small, and written.

`reading` parses a file and lists what it holds, `constants` finds its tables, and `editing` adds operators. `slim`
makes the finished file with `simplify`, then `canonical`, then `packing`.
"""
