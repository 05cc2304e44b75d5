"""Files that survive a kill, and text from sources that cannot be trusted.

`whole` writes a file whole or not at all, and `staging` several together. `locks` lets one process write at a time,
`digests` detects changes, and `json_text` and `yaml_text` refuse text that would take for ever to read.
"""
