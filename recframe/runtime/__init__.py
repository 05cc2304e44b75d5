"""Load a bundle and recommend: NumPy and a LiteRT interpreter, nothing else of recframe.

pip install 'recframe[runtime]'
"""

from recframe.runtime.answers import BundleError, Recommendation
from recframe.runtime.bundle import Bundle

__all__ = ["Bundle", "BundleError", "Recommendation"]
