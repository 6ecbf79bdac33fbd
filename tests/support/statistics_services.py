"""KLASS, FHI, the Directorate of Health and Kartverket on this machine, answering from ``tests/data/sources``.

    with Services() as services:
        codes_at(Fetcher(folder), 629, "2025-01-01", base=services.klass)
        services.put("/klass/v1/classifications/629/codesAt", b"<html>")      # the layout changes

``services.asked`` holds method, path, query and body of every call. As the real one, KLASS answers in XML to a caller that
does not ask for JSON, and 404 where it has no table; FHI refuses a body that leaves a dimension out.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

FIXTURES = Path(__file__).parents[1] / "data" / "sources"
KLASS_FILES = {
    ("131", "codesAt"): "codes_131_2025.json",
    ("629", "codesAt"): "codes_629_2025.json",
    ("632", "codesAt"): "codes_632_2025.json",
    ("131", "changes"): "changes_131_2005_2025.json",
    ("629", "correspondsAt", "131"): "corresponds_629_131_2025.json",
    ("632", "correspondsAt", "131"): "corresponds_632_131_2025.json",
}


def fixture(folder: str, name: str) -> Any:
    """Return a fixture that is JSON."""
    return json.loads((FIXTURES / folder / name).read_text(encoding="utf-8"))


class Services:
    """All four behind one port; what they say may be changed while they run."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str], Any]] = []
        self._said: dict[str, tuple[int, bytes]] = {}
        services = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                split = urlsplit(self.path)
                query = dict(parse_qsl(split.query))
                parsed = json.loads(body) if body else None
                services.asked.append((self.command, split.path, query, parsed))
                status, content = services.answer(split.path, query, parsed, self.headers.get("Accept", ""))
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_POST = do_GET

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        root = f"http://127.0.0.1:{self._http.server_port}"
        self.klass, self.fhi = f"{root}/klass/v1", f"{root}/fhi/open/v1"
        self.kartverket, self.hdir = f"{root}/kommuneinfo/v1", f"{root}/hdir/nki_eksport.csv"

    def __enter__(self) -> Services:
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def put(self, path: str, content: bytes, status: int = 200) -> None:
        """Have a path say this from now on."""
        self._said[path] = (status, content)

    def answer(self, path: str, query: dict[str, str], body: Any, accept: str) -> tuple[int, bytes]:
        """Return the status and the bytes of an answer."""
        if path in self._said:
            return self._said[path]
        service, _, rest = path.lstrip("/").partition("/v1/")
        if service == "klass":
            return self._klass(rest.split("/"), query, accept)
        if service == "fhi/open":
            return self._fhi(rest.split("/"), body)
        if service == "kommuneinfo":
            return file_or_404("kartverket", f"{rest.replace('/', '_')}.json")
        return file_or_404("hdir", path.rsplit("/", 1)[-1])

    def _klass(self, parts: list[str], query: dict[str, str], accept: str) -> tuple[int, bytes]:
        if "application/json" not in accept:
            return 200, b'<?xml version="1.0"?><codeList/>'
        if parts == ["classifications"]:
            return file_or_404("klass", f"classifications_page_{query.get('page', '0')}.json")
        key = (*parts[1:], *filter(None, [query.get("targetClassificationId")]))
        name = KLASS_FILES.get(key)
        return file_or_404("klass", name) if name else (404, b'{"detail": "not found"}')

    def _fhi(self, parts: list[str], body: Any) -> tuple[int, bytes]:
        if parts == ["Common", "source"]:
            return file_or_404("fhi", "sources.json")
        if parts[1:] == ["Table"]:
            return file_or_404("fhi", "tables.json")
        if parts[-1] != "data":
            return file_or_404("fhi", f"{parts[-1]}.json")
        known = {one["code"] for one in fixture("fhi", "dimension.json")["dimensions"]}
        named = {one["code"] for one in body["dimensions"]}
        fits = named == known and {one["filter"] for one in body["dimensions"]} <= {"item", "all", "top"}
        return (
            file_or_404("fhi", "data.json")
            if fits
            else (400, b'{"status": 400, "title": "dimension missing"}')
        )


def file_or_404(folder: str, name: str) -> tuple[int, bytes]:
    path = FIXTURES / folder / name
    return (200, path.read_bytes()) if path.is_file() else (404, b'{"status": 404}')
