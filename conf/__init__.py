"""Hydra configs, installed as `recframe.conf`. The values of the nodes come from recframe/spec/experiment.py."""
