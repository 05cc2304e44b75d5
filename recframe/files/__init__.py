"""Writes files that survive a kill, and reads text from untrusted sources.

`whole` writes a file completely or not at all, and `staging` does so for several files. `locks` lets one process write
at a time. `digests` detects changes. `json_text` and `yaml_text` refuse text that would take too long to read.
"""
