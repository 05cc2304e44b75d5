"""From interactions to what the model reads.

`splits` says which events are targets. `encode` and `vocabularies` turn values into ids. `prepare` calls them in turn,
and `sequences` gathers histories and batches from the result. `windows` makes every event a label, without a split.
`column_examples` makes batches of arrays that hold one row per example.
"""
