"""What a plugin may contribute, and how plugins are loaded.

`hooks` declares the functions that a plugin implements. `types` holds the contributions that they yield, and
`option_classes` checks their options. `exporting` holds what an exporter receives and returns, and `catalogue`
describes the data to it. `manager` loads the plugins and builds a `registry` of each kind.
"""
