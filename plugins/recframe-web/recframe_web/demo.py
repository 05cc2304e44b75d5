"""`recframe demo RUN`: the page that the exporter `web` writes, served to this machine alone."""

from __future__ import annotations

import argparse
import contextlib
import http.server
import os
import socket
import sys
import webbrowser
from http import HTTPStatus
from pathlib import Path
from typing import Any, NoReturn

import attrs

import recframe

EXPORTER = "web"
#: The names of this machine.
OWN_NAMES = ("127.0.0.1", "localhost", "[::1]")
#: Seconds without a request, or without reading an answer, after which a connection is closed.
TIMEOUT = 10.0
#: Connections that may wait to be taken, so that a burst of clients is not refused.
BACKLOG = 512
#: Sent with every answer. The policy is that of the page itself, which needs WebAssembly; and no other page may frame
#: it, or read what it serves.
HEADERS = {
    "Cache-Control": "no-cache",  # another export is seen at once
    "Content-Security-Policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
#: What a folder must hold to be the page.
MARKS = ("index.html", "files.json")


def find_page(place: Path) -> Path | None:
    """The page of a run folder, of a bundle, or the folder itself; None where there is none yet."""
    for folder in (place, place / EXPORTER, place / "export" / EXPORTER):
        if all((folder / name).is_file() for name in MARKS):
            return folder
    return None


def page_of(folder: Path) -> Path:
    """The page; where the run has none yet, its bundle is exported again with the page added.

    Raises:
        RecframeError: where the folder is not a run folder.
    """
    if (page := find_page(folder)) is not None:
        return page
    run = folder.parent if (folder / "manifest.json").is_file() else folder
    if not (run / "config.yaml").is_file():
        exporters = recframe.override("exporters", ["tflite", EXPORTER])
        raise recframe.RecframeError(f"{folder}: neither a page nor a run folder; make one with `recframe {exporters}`")
    print(f"· {run} has no page yet: its bundle is exported again, with the page", file=sys.stderr)
    recframe.load_tensorflow()
    now = [{"type": used.type, **attrs.asdict(used.options)} for used in recframe.run_spec(run).exporters]
    named = any(used["type"] == EXPORTER for used in now)
    recframe.export_run(run, {"exporters": now if named else [*now, EXPORTER]})
    return run / "export" / EXPORTER


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Files of one folder, and no listing of any."""

    # Fixed types: a machine's own table may differ, and a browser runs no script that is served as plain text.
    extensions_map = {  # noqa: RUF012
        "": "application/octet-stream",
        ".css": "text/css; charset=utf-8",
        ".html": "text/html; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".json": "application/json",
        ".svg": "image/svg+xml",
        ".txt": "text/plain; charset=utf-8",
        ".wasm": "application/wasm",
    }

    timeout = TIMEOUT

    def end_headers(self) -> None:
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def parse_request(self) -> bool:
        """Also refuse requests to another host name: a foreign page can give its own name the loopback address, and
        would then read the histories that are served here (DNS rebinding)."""
        if not super().parse_request():
            return False
        port = self.connection.getsockname()[1]
        own = {f"{name}:{port}" for name in OWN_NAMES} | (set(OWN_NAMES) if port == 80 else set())
        if [name.lower() for name in self.headers.get_all("Host", [])] not in [[name] for name in own]:
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST, explain=f"Open http://127.0.0.1:{port}/ instead.")
            return False
        return True

    def list_directory(self, path: str | os.PathLike[str]) -> None:
        self.send_error(HTTPStatus.NOT_FOUND)

    def send_head(self) -> Any:
        folder = os.path.realpath(self.directory)
        wanted = os.path.realpath(self.translate_path(self.path))
        if os.path.commonpath([folder, wanted]) != folder:  # a link that leads out
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        return super().send_head()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the terminal is for the address."""


class Server(http.server.ThreadingHTTPServer):
    """Serves a folder on the loopback address.

    Args:
        port: 0 for any free one.

    Raises:
        RecframeError: where the port is taken or not allowed.
    """

    daemon_threads = True
    request_queue_size = BACKLOG

    def __init__(self, folder: Path, port: int) -> None:
        def handler(*arguments: Any) -> _Handler:
            return _Handler(*arguments, directory=os.fspath(folder))

        try:
            super().__init__(("127.0.0.1", port), handler)
        except (OSError, OverflowError) as error:
            raise recframe.RecframeError(
                f"port {port}: {getattr(error, 'strerror', None) or error}; choose another"
            ) from None

    def server_bind(self) -> None:
        # Without the look-up of the host's name that http.server makes, which may ask a network.
        super(http.server.HTTPServer, self).server_bind()
        self.server_name, self.server_port = "127.0.0.1", self.socket.getsockname()[1]

    def handle_error(self, request: socket.socket | tuple[bytes, socket.socket], client_address: Any) -> None:
        """Say nothing of a browser that went away in the middle of a file."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


def demo(folder: Path, port: int, browser: bool) -> None:
    """Serve the page until Ctrl-C or SIGTERM."""
    with Server(page_of(folder), port) as server:
        print(f"{server.url}\n(Ctrl-C ends it)", flush=True)
        if browser:
            webbrowser.open(server.url)
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise recframe.RecframeError(f"{message}\n  {self.format_usage().strip()}")


def run(words: list[str]) -> int:
    """`recframe demo`: show a run's page, until it is ended."""
    parser = _Parser(
        prog="recframe demo",
        description="Show a run's page, which recommends in the browser, on this machine alone.",
    )
    parser.add_argument("run", help="run folder, bundle, or the page's own folder")
    parser.add_argument("--port", type=int, default=0, metavar="N", help="any free one by default")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    arguments = parser.parse_args(words)
    folder = Path(arguments.run)
    if not folder.is_dir():
        raise recframe.RecframeError(f"{arguments.run}: no such folder")
    demo(folder, arguments.port, not arguments.no_browser)
    return 0
