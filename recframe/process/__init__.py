"""Services for this process.

`fork_safe` makes locks that survive a fork, and `memory` reads the free memory. `native_output` silences libraries in
C++, `tensorflow_start` loads TensorFlow, `pace` reports the progress of long work, and `version` is recframe's version.
"""
