"""The histories that an export is compared on, and those that a bundle contains.

`app_histories` defines histories as an app has them, and `raw_histories` reads them from the data. `parity_histories`
adds the inputs of the model and the answers of the trained model. `made_up_histories` replaces real histories for
`export.private`.
"""
