"""`recframe check DISTRIBUTION`: the contract suites over what a plugin contributes."""

from __future__ import annotations

import tempfile
from pathlib import Path

from recframe.errors import RecframeError
from recframe.manager import plugin_infos

SUITES = {"encoder": "EncoderContract", "loss": "LossContract"}
TABLES = {"encoder": "encoders", "loss": "losses"}


def check(distribution: str) -> int:
    """Run the suites with pytest; returns its exit status.

    Raises:
        RecframeError: for a distribution that is not installed, or failed to load.
    """
    try:
        import pytest
    except ImportError:
        raise RecframeError("recframe check needs pytest: pip install 'recframe[testing]'") from None
    infos = [info for info in plugin_infos() if distribution in (info.distribution, info.name)]
    if not infos:
        known = ", ".join(sorted({info.distribution for info in plugin_infos()}))
        raise RecframeError(f"no plugin distribution {distribution!r} is installed; there are: {known}")
    if failed := [info for info in infos if info.status == "failed"]:
        raise RecframeError(f"{failed[0].name} failed to load: {failed[0].error}")
    lines = [
        "import recframe",
        "from recframe.testing import EncoderContract, LossContract",
        "plugins = recframe.load_plugins()",
    ]
    for kind, suite in SUITES.items():
        for info in infos:
            for name in info.contributions.get(kind, ()):
                title = "".join(part.title() for part in name.split("_")) + kind.title()
                lines += [f"class Test{title}({suite}):", f"    contribution = plugins.{TABLES[kind]}[{name!r}]"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "test_contracts.py"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return int(pytest.main(["-q", "-p", "no:cacheprovider", str(path)]))
