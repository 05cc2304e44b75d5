"""A table of events as examples: `columns` finds the columns and reads them through the tabular dataset, `word_ids`
makes ids of words, and `examples` cuts the windows.
"""
