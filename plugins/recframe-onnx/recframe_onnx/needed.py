"""Checks that the libraries of this exporter are installed."""

from __future__ import annotations

import importlib

from recframe import ExportError

LIBRARIES = ("onnx", "onnxruntime", "tf2onnx")


def require_libraries() -> None:
    """Say in one line which library is missing or broken, before any work is done.

    Raises:
        ExportError: with the reason that the import gives.
    """
    for name in LIBRARIES:
        try:
            importlib.import_module(name)
        except Exception as error:  # a broken library raises what it likes
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise ExportError(
                f"the exporter onnx needs {name}, which cannot be imported ({reason}): pip install recframe-onnx"
            ) from error
