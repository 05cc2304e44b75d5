"""A bundle, opened: its files, its vocabularies and its LiteRT model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from recframe.errors.shell import override
from recframe.process.fork_safe import fork_safe_lock
from recframe.runtime.answers import BundleError, Recommendation
from recframe.runtime.files import BundleFiles
from recframe.runtime.interpreter import FirstGraph, Signature
from recframe.runtime.recommender import ALL_SCORES, Recommender

__all__ = ["Bundle", "BundleError", "Recommendation"]


class Bundle(Recommender):
    """An exported bundle. A file is checked against the manifest before it is used.

    Bundle("export").recommend(history=["Toy Story (1995)"], k=5)

    Args:
        model: One of the bundle's LiteRT models, by name or path: `tflite/int8`, `model_int8.tflite`; None: the one
            that the export has chosen, model.tflite.

    Raises:
        BundleError: where the manifest or a file cannot be used, with the reason.

    Attributes:
        manifest: The content of manifest.json.
        runner: The model's first signature, called with arrays by input.
    """

    def __init__(self, folder: Path | str, model: str | None = None) -> None:
        files = BundleFiles(folder)
        self.folder, self.manifest = files.folder, files.manifest
        self.model = self._model(model)
        self._content, self._model_path = files.read(self.model["path"]), str(self.folder / self.model["path"])
        self.runner = FirstGraph(self._content, self.manifest["signature"], self._model_path)
        self._opening = fork_safe_lock()
        self._scorer: Signature | None = None
        scored = ALL_SCORES in self.manifest["signatures"]
        super().__init__(
            self.manifest,
            files.vocabularies(),
            files.items(),
            lambda arrays: self.runner(**arrays),
            (lambda arrays: self._all_scores()(**arrays)) if scored else None,
            str(self.folder),
        )

    def _model(self, asked: str | None) -> dict[str, Any]:
        models: list[dict[str, Any]] = [m for m in self.manifest["models"] if m["path"].endswith(".tflite")]
        if not models:
            raise BundleError(
                f"{self.folder}: the bundle holds no .tflite model; export it with {override('exporters', ['tflite'])}"
            )
        matching = [m for m in models if (m["chosen"] if asked is None else asked in (m["name"], m["path"]))]
        if not matching:
            names = ", ".join(m["name"] for m in models)
            raise BundleError(f"{self.folder}: no model {asked or 'is chosen'}; there are {names}")
        return matching[0]

    def _all_scores(self) -> Signature:
        """Opened when it is first asked for: most apps never do."""
        with self._opening:  # not cached_property: a fork would copy its lock
            if self._scorer is None:
                self._scorer = Signature(self._content, ALL_SCORES, self._model_path)
        return self._scorer
