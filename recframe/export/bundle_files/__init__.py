"""The files of a bundle beside its models.

`sidecar_files` writes the vocabularies, the `items` and the `golden` histories. `manifest` writes the manifest, with
the `interface` of the model and the spec. `private_spec` removes from the spec what `export.private` leaves out.
"""
