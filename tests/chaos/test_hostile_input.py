"""The campaign against hostile input: whatever is read, it is taken whole, or refused in one message of ours."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import re
import socket
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from recframe.errors import DataError, RecframeError, SpecError
from recframe.files.json_text import parse_json
from recframe.files.yaml_text import parse_yaml
from recframe.interactions.interactions import Interactions
from recframe.proto import InputConfig, read_input_config
from tests.builtin.datasets.tabular.tables import read

pytestmark = pytest.mark.slow

ROWS, ROWS_IN_A_FILE = 20_000, 50
TEXTS, ARCHIVES, CONFIGS = 4_000, 1_000, 2_000
CLIENTS, SECONDS = 200, 10.0
#: What is put into a row: marks of every format, numbers out of range, other scripts, controls, halves of characters.
SPLINTERS = [
    *(b",", b"\t", b";", b"|", b'"', b"'", b"\\", b"\n", b"\r", b"\r\n", b"\0", b"\x1b[2J", b"\xef\xbb\xbf", b"\xff"),
    *(b"\xc3", b"{", b"}", b"[", b"]", b":", b"-", b"-0", b"1e400", b"nan", b"inf", b"9" * 400, b"true", b"null"),
    *(
        "٣".encode(),
        "\uff12\uff10\uff12\uff10-\uff10\uff11-\uff10\uff11".encode(),
        "\u202e".encode(),
        "\u2028".encode(),
        b"2020-02-30",
        b"  ",
        b"a" * 2_000,
    ),
]


def mutated(content: bytes, rng: np.random.Generator) -> bytes:
    """The bytes with one to three of them changed, cut out, doubled, or with a splinter between them."""
    for _ in range(int(rng.integers(1, 4))):
        at = int(rng.integers(0, len(content) + 1))
        length = int(rng.integers(1, 6))
        match int(rng.integers(0, 4)):
            case 0:
                content = content[:at] + bytes([int(rng.integers(0, 256))]) + content[at + 1 :]
            case 1:
                content = content[:at] + content[at + length :]
            case 2:
                content = content[:at] + content[at : at + length] * 2 + content[at + length :]
            case _:
                content = content[:at] + SPLINTERS[int(rng.integers(0, len(SPLINTERS)))] + content[at:]
    return content


def row(format: str, number: int) -> bytes:
    user, item, moment = f"user {number % 7}", f"item-{number % 11}", 1_500_000_000 + number
    if format == "jsonl":
        return json.dumps({"user": user, "item": item, "timestamp": moment}).encode()
    return (";" if format == "semicolon" else "\t" if format == "tsv" else ",").join((user, item, str(moment))).encode()


def skipped_and_read(data: Interactions) -> tuple[int, int]:
    """Of the notes: rows that were skipped, and rows that were met where any was skipped."""
    counts = [re.match(r"([\d,]+) of ([\d,]+) rows were skipped", note) for note in data.notes]
    pairs = [(int(one[1].replace(",", "")), int(one[2].replace(",", ""))) for one in counts if one]
    return sum(skipped for skipped, _ in pairs), max((met for _, met in pairs), default=0)


@pytest.mark.parametrize("format", ["csv", "tsv", "jsonl", "semicolon"])
def test_mutated_rows(tmp_path: Path, format: str) -> None:
    rng = np.random.default_rng(len(format))
    path = tmp_path / ("x.csv" if format == "semicolon" else f"x.{format}")
    head = {"jsonl": b"", "tsv": b"user\titem\ttimestamp\n", "semicolon": b"user;item;timestamp\n"}
    rows = refused = taken = longest = 0
    while rows < ROWS // 4:
        lines = [mutated(row(format, n), rng) for n in range(ROWS_IN_A_FILE)]
        path.write_bytes(head.get(format, b"user,item,timestamp\n") + b"\n".join(lines) + b"\n")
        rows += len(lines)
        try:
            read(path)
        except RecframeError as error:
            refused, longest = refused + 1, max(longest, len(str(error)))
        try:
            data = read(path, on_error="skip")
        except RecframeError:
            continue  # of the header, of mixed ids, or with no row left
        taken += 1
        skipped, met = skipped_and_read(data)
        assert not met or data.num_events == met - skipped, data.notes
    print(f"{format}: {rows:,} rows in {rows // ROWS_IN_A_FILE} files: {refused} refused, {taken} read with skipping")
    assert taken
    assert longest < 2_000


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
}


@pytest.mark.parametrize("packing", [*PACKERS, "zip"])
def test_mutated_archives(tmp_path: Path, packing: str) -> None:
    content = b"user,item,timestamp\n" + b"".join(row("csv", n) + b"\n" for n in range(40))
    path = tmp_path / f"x.csv.{packing}"
    if packing == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("x.csv", content)
    else:
        path.write_bytes(PACKERS[packing](content))
    whole, rng, refused = path.read_bytes(), np.random.default_rng(3), 0
    for _ in range(ARCHIVES // 4):
        path.write_bytes(mutated(whole, rng))
        try:
            data = read(path)
        except (DataError, SpecError):
            refused += 1
        else:  # what was changed says nothing of the content
            assert data.num_events == 40
    print(f"{packing}: {ARCHIVES // 4} archives, {refused} refused, the others read whole")
    assert refused


@pytest.mark.parametrize("language", ["json", "yaml"])
def test_mutated_json_and_yaml(language: str) -> None:
    value = {"model": {"width": 32, "dims": [1, 2]}, "name": "Café", "none": None, "share": 0.5, "at": "2020-01-01"}
    whole = json.dumps(value).encode() if language == "json" else b"a: [1, {b: c}]\nd:\n  - e: 0.5\n    f: 'g'\n"
    parse, rng, refused = (parse_json if language == "json" else parse_yaml), np.random.default_rng(4), 0
    for _ in range(TEXTS // 2):
        try:
            parse(mutated(whole, rng).decode("utf-8", "replace"))
        except ValueError:
            refused += 1
    print(f"{language}: {TEXTS // 2:,} texts, {refused} refused")
    assert refused


@pytest.mark.parametrize("ending", ["pbtxt", "pb"])
def test_mutated_input_configs(tmp_path: Path, ending: str) -> None:
    groups = [{"features": [{"feature_name": "film", "feature_type": "INT", "vocab_size": 9}], "encoder_type": "CNN"}]
    message = InputConfig(activity_feature_groups=groups)
    whole, rng, refused = (
        message.SerializeToString() if ending == "pb" else str(message).encode(),
        np.random.default_rng(5),
        0,
    )
    path = tmp_path / f"x.{ending}"
    for _ in range(CONFIGS // 2):
        path.write_bytes(mutated(whole, rng))
        try:
            read_input_config(path)
        except SpecError:
            refused += 1
    print(f"{ending}: {CONFIGS // 2:,} messages, {refused} refused")
    assert refused


def test_200_clients_on_the_demo_server_for_ten_seconds(tmp_path: Path) -> None:
    """Of every ten clients one says nothing, one half of a request, one names another host, and one goes away early."""
    demo = pytest.importorskip("recframe_web.demo", reason="recframe-web is not installed")
    page = b"<h1>a page</h1>" * 5_000
    (tmp_path / "index.html").write_bytes(page)
    (tmp_path / "files.json").write_text("{}", encoding="utf-8")
    right, wrong, lock = [0], list[str](), threading.Lock()

    def client(number: int, port: int, end: float) -> None:
        sent = f"GET / HTTP/1.1\r\nHost: {'evil.example' if number % 10 == 2 else '127.0.0.1'}:{port}\r\n\r\n".encode()
        sent = {0: b"", 1: sent[:20]}.get(number % 10, sent)
        while time.monotonic() < end:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
                    connection.sendall(sent)
                    if number % 10 == 3:
                        continue
                    if number % 10 < 2:
                        time.sleep(max(0.0, end - time.monotonic()))
                        continue
                    answer = b"".join(iter(lambda: connection.recv(65_536), b""))
            except OSError as error:
                with lock:
                    wrong.append(f"client {number}: {error}")
                return
            status = answer.split(b" ", 2)[1:2]
            with lock:
                if status != [b"421" if number % 10 == 2 else b"200"] or (
                    status == [b"200"] and not answer.endswith(page)
                ):
                    wrong.append(f"client {number}: {answer[:60]!r}")
                right[0] += 1

    with demo.Server(tmp_path, 0) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        end = time.monotonic() + SECONDS
        clients = [threading.Thread(target=client, args=(n, server.server_port, end)) for n in range(CLIENTS)]
        for thread in clients:
            thread.start()
        for thread in clients:
            thread.join(timeout=60)
        server.shutdown()
        serving.join()
    print(f"{CLIENTS} clients, {SECONDS:.0f} s: {right[0]:,} whole answers, {len(wrong)} wrong or refused")
    assert not wrong
    assert right[0] >= CLIENTS
