import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path("recframe/proto")


def test_the_generated_code_is_that_of_the_proto(tmp_path: Path) -> None:
    protoc = Path(sys.executable).parent / "protoc"
    assert protoc.exists(), "protoc comes with the group dev: make venv"
    outputs = [f"--python_out={tmp_path}", f"--pyi_out={tmp_path}"]
    subprocess.run([protoc, "--proto_path=.", *outputs, FOLDER / "recframe.proto"], cwd=ROOT, check=True)
    for name in ("recframe_pb2.py", "recframe_pb2.pyi"):
        assert (tmp_path / FOLDER / name).read_text() == (ROOT / FOLDER / name).read_text(), f"{name}: run make proto"


@pytest.mark.parametrize("module", ["recframe.proto", "recframe.recommendation.spec"])
def test_messages_need_no_tensorflow(module: str) -> None:
    code = f"import sys, {module}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"tensorflow", "keras", "numpy", "hydra"} & set(run.stdout.split())
