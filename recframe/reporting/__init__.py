"""Output for people.

`console` prints progress and tables in the terminal, and `report` writes report.html; `figures` formats the numbers of
both. `comparison` compares two runs. `existing_runs` evaluates or exports a run again and writes its report.
"""
