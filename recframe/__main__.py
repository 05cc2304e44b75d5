"""`python -m recframe` is the console script."""

from recframe.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
