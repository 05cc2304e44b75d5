"""`recframe demo`: what it serves, to whom, and what it says where it cannot."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import types
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import recframe
from recframe import NoOptions, commands as cli
from recframe.plugin.manager import load
from recframe_web.demo import Server, find_page

WITH_WEB = "web" in load().registries.exporters.names()


def write_page(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "index.html").write_text("<h1>a page</h1>", encoding="utf-8")
    (folder / "files.json").write_text("{}", encoding="utf-8")
    (folder / "app.js").write_text("1", encoding="utf-8")
    (folder / "litert").mkdir()
    (folder / "litert" / "litert.wasm").write_bytes(b"\0asm")
    (folder / "model.tflite").write_bytes(b"TFL3")
    return folder


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Server]:
    folder = write_page(tmp_path / "web")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    with Server(folder, 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def get(server: Server, path: str) -> tuple[int, str, bytes]:
    """Status, type and body; the path goes out as it is."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, answer.getheader("Content-Type", ""), body


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/app.js", "text/javascript; charset=utf-8"),
        ("/files.json", "application/json"),
        ("/litert/litert.wasm", "application/wasm"),
        ("/model.tflite", "application/octet-stream"),
    ],
)
def test_files_have_the_types_that_a_browser_wants(served: Server, path: str, kind: str) -> None:
    status, content_type, body = get(served, path)
    assert (status, content_type) == (200, kind)
    assert body


@pytest.mark.parametrize("path", ["/litert/", "/nowhere", "/../secret.txt", "/%2e%2e/secret.txt", "/link.txt"])
def test_nothing_else_is_served(served: Server, path: str) -> None:
    status, _, body = get(served, path)
    assert status == 404
    assert b"secret" not in body.replace(path.encode(), b"")


def ask(server: Server, *lines: str) -> bytes:
    """The answer to a request of these lines, as it comes."""
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=10) as connection:
        connection.sendall("".join(f"{line}\r\n" for line in (*lines, "")).encode("latin-1"))
        return b"".join(iter(lambda: connection.recv(65_536), b""))


@pytest.mark.parametrize("host", ["127.0.0.1:PORT", "localhost:PORT", "LOCALHOST:PORT", "[::1]:PORT"])
def test_its_own_names_are_answered(served: Server, host: str) -> None:
    answer = ask(served, "GET /app.js HTTP/1.1", f"Host: {host.replace('PORT', str(served.server_port))}")
    assert answer.split(b" ")[1] == b"200"
    assert answer.endswith(b"\r\n\r\n1")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "lines",
    [
        ["Host: evil.example:PORT"],
        ["Host: 127.0.0.1"],
        ["Host: 127.0.0.1:1"],
        ["Host: 127.0.0.1:PORT.evil.example"],
        ["Host: evil.example:PORT", "Host: 127.0.0.1:PORT"],
        ["Host:"],
        [],
    ],
    ids=["rebound", "no port", "another port", "suffix", "two", "empty", "none"],
)
def test_another_name_is_refused_as_dns_rebinding_would_send_it(served: Server, method: str, lines: list[str]) -> None:
    named = [line.replace("PORT", str(served.server_port)) for line in lines]
    answer = ask(served, f"{method} /files.json HTTP/1.1", *named)
    assert answer.split(b" ")[1] == b"421"
    assert b"{}" not in answer


def test_no_other_page_may_frame_it_or_read_it(served: Server) -> None:
    port = served.server_port
    for path in ("/", "/app.js", "/nowhere"):
        answer = ask(served, f"GET {path} HTTP/1.1", f"Host: localhost:{port}").decode("latin-1")
        assert "frame-ancestors 'none'" in answer
        assert "'unsafe-inline'" not in answer
        assert "'unsafe-eval'" not in answer
        assert "X-Frame-Options: DENY" in answer
        assert "Cross-Origin-Resource-Policy: same-origin" in answer


def test_a_client_that_says_nothing_is_not_waited_for(served: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recframe_web.demo._Handler.timeout", 0.3)
    with socket.create_connection(("127.0.0.1", served.server_port), timeout=10) as silent:
        silent.sendall(b"GET / HTT")
        assert silent.recv(100) == b""  # closed by the server, well before our own timeout


def test_a_burst_of_clients_is_answered(served: Server) -> None:
    connections = [socket.create_connection(("127.0.0.1", served.server_port), timeout=10) for _ in range(200)]
    try:
        for connection in connections:
            connection.sendall(f"GET /app.js HTTP/1.1\r\nHost: localhost:{served.server_port}\r\n\r\n".encode())
        answers = [b"".join(iter(lambda c=connection: c.recv(65_536), b"")) for connection in connections]
    finally:
        for connection in connections:
            connection.close()
    assert all(answer.startswith(b"HTTP/1.0 200") for answer in answers)


def test_it_is_served_to_this_machine_alone(served: Server) -> None:
    assert served.server_address[0] == "127.0.0.1"
    assert served.url == f"http://127.0.0.1:{served.server_port}/"


@pytest.mark.parametrize("place", ["run", "run/export", "run/export/web"])
def test_a_run_a_bundle_and_a_page_are_found(tmp_path: Path, place: str) -> None:
    page = write_page(tmp_path / "run" / "export" / "web")
    assert find_page(tmp_path / place) == page
    assert find_page(tmp_path) is None


@pytest.fixture
def training(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What was exported again, without TensorFlow."""

    class Calls(list[tuple[Path, Any]]):
        def export_run(self, folder: Path, changes: Any) -> None:
            self.append((folder, changes))

    calls, options = Calls(), types.SimpleNamespace(type="tflite", options=NoOptions())
    monkeypatch.setattr(recframe, "export_run", calls.export_run)
    monkeypatch.setattr(recframe, "load_tensorflow", lambda: None)
    monkeypatch.setattr(recframe, "run_spec", lambda folder: types.SimpleNamespace(exporters=[options]))
    return calls


@pytest.mark.skipif(not WITH_WEB, reason="recframe-web is not installed: there is no npm")
@pytest.mark.parametrize("place", ["run", "run/export"])
def test_a_run_without_a_page_is_exported_again(tmp_path: Path, training: Any, place: str) -> None:
    (tmp_path / "run" / "export").mkdir(parents=True)
    (tmp_path / "run" / "config.yaml").write_text("{}", encoding="utf-8")
    (tmp_path / "run" / "export" / "manifest.json").write_text("{}", encoding="utf-8")
    from recframe_web.demo import page_of

    assert page_of(tmp_path / place) == tmp_path / "run" / "export" / "web"
    assert training == [(tmp_path / "run", {"exporters": [{"type": "tflite"}, "web"]})]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere"], "nowhere: no such folder"),
        ([], "the following arguments are required: run"),
        (["page", "--port", "70000"], "port 70000: "),
        (["page", "--port", "x"], "invalid int value"),
        (["taken", "--port", "TAKEN"], "in use; choose another"),
        pytest.param(
            ["empty"],
            "empty: neither a page nor a run folder",
            marks=pytest.mark.skipif(not WITH_WEB, reason="recframe-web is not installed: there is no npm"),
        ),
    ],
)
def test_mistakes_give_one_message(
    served: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    write_page(tmp_path / "page")
    write_page(tmp_path / "taken")
    (tmp_path / "empty").mkdir()
    arguments_with_port = [word.replace("TAKEN", str(served.server_port)) for word in arguments]
    assert cli.main(["demo", "--no-browser", *arguments_with_port]) == 2
    text = capsys.readouterr().err
    assert text.startswith("recframe: ")
    assert words in text


def test_without_the_plugin_there_is_no_such_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RECFRAME_PLUGINS", "")
    assert cli.main(["demo", str(tmp_path)]) == 2
    assert "no command 'demo'. The commands are: train, " in capsys.readouterr().err


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_it_is_stopped(tmp_path: Path, stop: signal.Signals) -> None:
    page = write_page(tmp_path / "run" / "export" / "web")
    opened = tmp_path / "opened"
    # Stands for the user's browser, which webbrowser starts by this variable.
    script = tmp_path / "browser"
    script.write_text(
        f'#!/bin/sh\nprintf "%s" "$1" >"{opened}.part" && mv "{opened}.part" "{opened}"\n', encoding="utf-8"
    )
    script.chmod(0o755)
    process = subprocess.Popen(
        [sys.executable, "-m", "recframe", "demo", page.parents[1]],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "BROWSER": str(script)},
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        with urllib.request.urlopen(address, timeout=10) as answer:
            assert answer.read() == b"<h1>a page</h1>"
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"{address}nowhere", timeout=10)
        process.send_signal(stop)
        assert process.wait(timeout=20) == 0
        assert opened.read_text(encoding="utf-8") == address
    finally:
        process.kill()
        process.wait()
