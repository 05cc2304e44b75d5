"""LiteRT.js from its npm package, at the version that package-lock.json pins: `python vendoring.py`."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

#: Without threads, which would ask of every host to send two headers; `compat` is for browsers without relaxed SIMD.
WASM = [f"litert_wasm_{kind}internal.{ending}" for kind in ("", "compat_") for ending in ("js", "wasm")]
STAMP = "lock.sha256"


def vendor(project: Path) -> None:
    """Fill recframe_web/vendor, unless it holds what the lock file names.

    Raises:
        SystemExit: where there is no npm, or it fails.
    """
    target = project / "recframe_web" / "vendor"
    wanted = hashlib.sha256((project / "package-lock.json").read_bytes() + Path(__file__).read_bytes()).hexdigest()
    if (target / STAMP).is_file() and (target / STAMP).read_text(encoding="utf-8") == wanted:
        return
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("recframe-web: npm is needed to fetch LiteRT.js; install Node.js and npm, then install again")
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"recframe-web: {' '.join(command[1:])} failed in {project}:\n{done.stderr}")
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    packages = project / "node_modules" / "@litertjs"
    for name in WASM:
        (target / name).write_bytes((packages / "core" / "wasm" / name).read_bytes())  # without odd file modes
    _write_module(packages / "core" / "dist" / "index.js", target / "litert.js")
    _write_module(packages / "wasm-utils" / "dist" / "index.js", target / "wasm-utils.js")
    (target / "NOTICE.txt").write_text(_notice(packages), encoding="utf-8")
    shutil.copyfile(project / "LICENSE", target / "LICENSE.txt")
    (target / STAMP).write_text(wanted, encoding="utf-8")  # last: only a whole folder has it


def _write_module(source: Path, target: Path) -> None:
    """Copy a module. A browser finds its import by a path, and its source map is not taken along."""
    lines = source.read_text(encoding="utf-8").replace('"@litertjs/wasm-utils"', '"./wasm-utils.js"').splitlines()
    kept = [line for line in lines if not line.startswith("//# sourceMappingURL=")]
    target.write_text("\n".join(kept) + "\n", encoding="utf-8")


def _notice(packages: Path) -> str:
    manifests = [
        json.loads((packages / name / "package.json").read_text(encoding="utf-8")) for name in ("core", "wasm-utils")
    ]
    listed = "\n".join(f"  {package['name']} {package['version']}, {package['license']}" for package in manifests)
    return (
        f"The files of this folder come from these npm packages:\n\n{listed}\n\n"
        "The licence is in LICENSE.txt. litert.js is dist/index.js of the first and wasm-utils.js that of the second,\n"
        "with one import made a relative path and the comments that name source maps left out. The rest is unchanged.\n"
    )


if __name__ == "__main__":
    vendor(Path(__file__).resolve().parent)
