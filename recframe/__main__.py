"""`python -m recframe` is the console script."""

from recframe.commands import main

if __name__ == "__main__":
    raise SystemExit(main())
