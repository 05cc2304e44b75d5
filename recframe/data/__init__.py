"""From interactions to what the model reads.

`splits` says which events are targets, `encode` and `vocabularies` make ids of values, `prepare` calls them in turn,
and `sequences` gathers histories and batches from the result.
"""
