"""Load a bundle and recommend: NumPy and a LiteRT interpreter, nothing else of recframe."""

from recframe.runtime.bundle import Bundle, BundleError, Recommendation

__all__ = ["Bundle", "BundleError", "Recommendation"]
