"""The console script. `recframe OVERRIDES` is a Hydra application; the other commands are small.

Heavy modules are imported inside the functions that need them, so that help and listings never wait for TensorFlow.
"""

from recframe.commands.entry import main

__all__ = ["main"]
