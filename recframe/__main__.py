"""`python -m recframe` does the same as the console script `recframe`."""

from recframe.commands import main

if __name__ == "__main__":
    raise SystemExit(main())
