"""The built-in plugins: encoders, feature types, losses, datasets and exporters.

No module imports them; the plugin manager has their names. Like any plugin, they import only `recframe` and
`recframe.export`.
"""
