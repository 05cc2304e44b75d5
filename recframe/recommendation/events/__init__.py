"""A table of events as examples: `columns` says what each column is and has the tabular dataset read them, `word_ids`
makes ids of words, and `examples` cuts the windows.
"""
