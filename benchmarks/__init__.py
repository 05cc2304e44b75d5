"""What recframe takes, beside what it must take: `python -m benchmarks`, or `make bench`.

A section (`training`, `softmax`, ...) measures some rows and makes a table of them. `timing` measures a piece of work,
`machine` what the processor reaches with the shapes of that work, which gives its bound, and `tables` prints both.
The other scripts of this folder are run on their own: see README.md.
"""
