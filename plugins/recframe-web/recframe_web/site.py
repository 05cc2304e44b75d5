"""The page's own files and LiteRT.js, copied and listed, so that a service worker can keep them."""

from __future__ import annotations

import hashlib
import html
import json
import shutil
from pathlib import Path

from recframe import ExportError

HERE = Path(__file__).parent
PAGE, VENDOR, STAMP = HERE / "page", HERE / "vendor", "lock.sha256"
TITLE, VERSION = "<!--title-->", "VERSION"


def require_vendored() -> None:
    """Refuse to write a page without its runtime.

    Raises:
        ExportError: where LiteRT.js was not fetched when the plugin was installed.
    """
    if not (VENDOR / STAMP).is_file():
        raise ExportError(
            "web: LiteRT.js is not in this installation of recframe-web; install Node.js and npm, then run "
            "`pip install --force-reinstall --no-deps recframe-web` (or of a checkout: `-e plugins/recframe-web`)"
        )


def write_site(folder: Path, title: str) -> None:
    """Add everything but model.tflite and data.json, which are there: the page, LiteRT.js, and a list of all files."""
    shutil.copytree(VENDOR, folder / "litert", ignore=shutil.ignore_patterns(STAMP))
    for path in PAGE.iterdir():
        shutil.copyfile(path, folder / path.name)
    index = folder / "index.html"
    index.write_text(index.read_text(encoding="utf-8").replace(TITLE, html.escape(title)), encoding="utf-8")
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    files = {path.relative_to(folder).as_posix(): path.stat().st_size for path in paths}
    digest = hashlib.sha256(b"".join(hashlib.sha256(path.read_bytes()).digest() for path in paths)).hexdigest()[:16]
    (folder / "files.json").write_text(json.dumps(files, indent=1) + "\n", encoding="utf-8")
    # A browser fetches a new worker where its bytes are new, and the worker then all the rest.
    worker = folder / "worker.js"
    worker.write_text(worker.read_text(encoding="utf-8").replace(VERSION, digest), encoding="utf-8")
