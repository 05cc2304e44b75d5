"""What a plugin may contribute, and how it is found.

`types` has the contributions, and `exporting` what an exporter receives and returns; `hooks` has the functions that a
plugin implements; `manager` loads plugins and gives a `registry` of each kind.
"""
