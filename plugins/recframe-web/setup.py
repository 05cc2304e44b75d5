"""Brings LiteRT.js into the package before it is built or installed; the rest is in pyproject.toml."""

import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

sys.path.insert(0, str(Path(__file__).parent))  # a build back end does not have it there
from vendoring import vendor


class BuildWithLiteRt(build_py):
    """Runs for wheels and for editable installs."""

    def run(self) -> None:
        vendor(Path(__file__).parent)
        super().run()


setup(cmdclass={"build_py": BuildWithLiteRt})
