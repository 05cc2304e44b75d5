"""Run folders and bundles that survive: only what recframe wrote is ever replaced, whole or not at all.

- `files`: a file or folder that appears whole or not at all, also where the power fails.
- `locks`: one process at a time.
- `bundles`: the place of a bundle, which is swapped for the one before it.
- `runs`: a run folder; an earlier run stays whole until the next one is complete.

Everything that is not yet, or no longer, in its place has a hidden name that begins with a dot and ends in one of
`.recframe-lock`, `.recframe-part` and `.recframe-old`.
"""
