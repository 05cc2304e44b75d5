"""Hydra configs, installed as `recframe.conf`. The defaults are not here: they stand in recframe/specs.py."""
