"""From interactions to what the model reads.

`splits` says which events are targets, `encode` and `vocabularies` make ids of values, `prepare` calls them in turn,
and `sequences` gathers histories and batches from the result. `windows` makes a label of every event, without a split,
and `column_examples` makes batches of what is gathered already.
"""
