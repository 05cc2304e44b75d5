"""The serving graph of a trained model, before any file format.

`serving` makes the graph with its signatures. `label_products` holds what quantization must know about it.
`stable_saved_model` gives a SavedModel of the graph the same bytes each time. `topological_order` lists the nodes of a
graph in the order in which they can be computed, for exporters of other formats.
"""
