"""Files that survive a kill, and text that nobody can be trusted to have written.

`whole` and `locks` write whole and one process at a time, `digests` tell of any change, `json_text` and `yaml_text`
read without falling for bombs.
"""
