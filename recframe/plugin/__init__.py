"""What a plugin may contribute, and how it is found.

`types` has the contributions and `interactions` what a dataset yields; `hooks` the functions that a plugin implements;
`manager` loads plugins and gives a `registry` of each kind.
"""
