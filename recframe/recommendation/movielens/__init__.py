"""MovieLens as Model Maker wrote it. `examples` makes the files by the `arguments`; `record` says what made them."""
