"""The command line. `recframe OVERRIDES` is a Hydra application; every other command is a module with a function `run`.

`entry` calls the command, `table` lists the commands, and `failures` and `stopping` turn errors and signals into a
message and an exit code. `python_api` offers the same to Python users. Heavy modules are imported inside the functions
that need them, so that help and listings never wait for TensorFlow.
"""

from recframe.commands.entry import main

__all__ = ["main"]
