"""Hydra configs, installed as `recframe.conf`. The values of the nodes come from recframe/spec/experiment.py.

Hydra imports this package when it looks into `pkg://recframe.conf`. An application that has it in its searchpath finds
the nodes of all plugins then, without a call.
"""

from recframe.config import provide

provide()
