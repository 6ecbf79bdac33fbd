"""A service on this machine that speaks PxWebApi v2, from tidy tables, with the troubles of a real one.

    with StatbankServer() as server:
        server.add("07459", frame)            # a column per dimension (text), value, and status if wanted
        server.trouble("429", "cut")          # the next two calls for data
        bank = Statbank(Fetcher(folder), base=server.base)

Troubles: "429" (with Retry-After 0), "429:300" (with Retry-After 300), "500", "503", "cut" (half the body), "drop" (no
answer), "html" (a page of maintenance with status 200), "broken" (JSON without its end). ``server.calls`` holds what was
asked.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import pandas as pd

LONGEST_ADDRESS = 2100


@dataclass
class Call:
    """One call that came in."""

    method: str
    path: str
    status: int
    conditional: bool = False
    selection: dict[str, list[str]] = field(default_factory=dict)


def codes_of(frame: pd.DataFrame) -> dict[str, list[str]]:
    """Return the codes of each dimension in the order in which they first stand."""
    return {name: list(pd.unique(frame[name])) for name in frame.columns if name not in ("value", "status")}


def document(
    frame: pd.DataFrame,
    codes: dict[str, list[str]] | None = None,
    *,
    label: str = "",
    labels: dict[str, dict[str, str]] | None = None,
    sparse: bool = False,
    listed: bool = False,
    with_values: bool = True,
) -> dict:
    """Write a JSON-stat 2 document from a tidy table; cells without a row are missing ("..")."""
    codes = codes or codes_of(frame)
    names = list(codes)
    dimensions = {
        name: {
            "label": name.lower(),
            "category": {
                "index": list(values) if listed else {code: place for place, code in enumerate(values)},
                "label": {code: (labels or {}).get(name, {}).get(code, code) for code in values},
            },
        }
        for name, values in codes.items()
    }
    found: dict = {
        "version": "2.0",
        "class": "dataset",
        "label": label,
        "source": "a test",
        "updated": "2026-02-25T07:00:00Z",
        "id": names,
        "size": [len(values) for values in codes.values()],
        "dimension": dimensions,
        "role": {"time": ["Tid"]} if "Tid" in names else {},
    }
    if not with_values:
        return {**found, "value": None}
    whole = pd.MultiIndex.from_product(codes.values(), names=names).to_frame(index=False)
    rows = whole.merge(frame, on=names, how="left", validate="one_to_one")
    signs = rows["status"] if "status" in rows else pd.Series("", index=rows.index)
    signs = signs.fillna("..").where(rows["value"].notna() | (signs.fillna("..") != ""), "..")
    numbers = [
        None if pd.isna(number) else int(number) if number == int(number) else float(number)
        for number in rows["value"]
    ]
    if sparse:
        found["value"] = {str(place): number for place, number in enumerate(numbers) if number is not None}
    else:
        found["value"] = numbers
    status = {str(place): sign for place, sign in enumerate(signs) if sign}
    if status:
        found["status"] = status
    return found


class StatbankServer:
    """The service; its tables and limits may be changed while it runs."""

    def __init__(self, *, cells: int = 800_000, calls: int = 0, seconds: int = 0) -> None:
        self.config = {
            "apiVersion": "2.3.2",
            "maxDataCells": cells,
            "maxCallsPerTimeWindow": calls,
            "timeWindow": seconds,
        }
        self.tables: dict[str, tuple[pd.DataFrame, dict[str, list[str]], dict]] = {}
        self.calls: list[Call] = []
        self.sparse = False
        self.listed = False
        self.page_size = 2
        self._troubles: deque[str] = deque()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        self._http.daemon_threads = True

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/api/pxwebapi/v2"

    def __enter__(self) -> StatbankServer:
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Go off the network."""
        self._http.shutdown()
        self._http.server_close()

    def add(
        self, table: str, frame: pd.DataFrame, *, labels: dict[str, dict[str, str]] | None = None
    ) -> None:
        """Publish a table, in place of one of the same number."""
        keys = [name for name in frame.columns if name not in ("value", "status")]
        frame = frame.astype({name: "str" for name in keys})
        self.tables[table] = (frame, codes_of(frame), labels or {})

    def rename(self, table: str, dimension: str, now: str) -> None:
        """Give a dimension another name, as a service does without notice."""
        frame, _, labels = self.tables[table]
        self.add(table, frame.rename(columns={dimension: now}), labels=labels)

    def withdraw(self, table: str, dimension: str, code: str) -> None:
        """Take a code away."""
        frame, _, labels = self.tables[table]
        self.add(table, frame[frame[dimension] != code], labels=labels)

    def trouble(self, *kinds: str) -> None:
        """Have the next calls for data go wrong."""
        self._troubles.extend(kinds)

    def data_calls(self) -> list[Call]:
        return [call for call in self.calls if call.path.endswith("/data")]

    def take_trouble(self, path: str) -> str:
        return self._troubles.popleft() if self._troubles and path.endswith("/data") else ""

    def listing(self, query: dict[str, str]) -> dict:
        """Return a page of the tables whose number or title holds the words."""
        words = query.get("query", "").strip("*").lower()
        fitting = [number for number in sorted(self.tables) if words in f"{number}: a table"]
        size, number = self.page_size, int(query.get("pageNumber", "1"))
        shown = fitting[(number - 1) * size : number * size]
        links = [{"rel": "self", "href": f"{self.base}/tables"}]
        if number * size < len(fitting):
            links.append({"rel": "next", "href": f"{self.base}/tables?query={words}&pageNumber={number + 1}"})
        tables = [
            {
                "type": "Table",
                "id": one,
                "label": f"{one}: a table",
                "firstPeriod": self.tables[one][1]["Tid"][0],
                "lastPeriod": self.tables[one][1]["Tid"][-1],
                "updated": "2026-02-25T07:00:00Z",
                "discontinued": None,
            }
            for one in shown
        ]
        return {"language": "no", "tables": tables, "page": {"pageNumber": number, "links": links}}

    def answer(
        self, method: str, path: str, query: dict[str, str], body: bytes
    ) -> tuple[int, dict, dict[str, list[str]]]:
        """Return the status, the document and the selection of a call."""
        parts = path.removeprefix("/api/pxwebapi/v2").strip("/").split("/")
        if parts == ["config"]:
            return 200, self.config, {}
        if parts == ["tables"]:
            return 200, self.listing(query), {}
        if len(parts) != 3 or parts[0] != "tables" or parts[1] not in self.tables:
            return 404, {"type": "Parameter error", "title": "Non-existent table", "status": 404}, {}
        frame, codes, labels = self.tables[parts[1]]
        label = f"{parts[1]}: a table"
        if parts[2] == "metadata":
            return (
                200,
                document(frame, codes, label=label, labels=labels, listed=self.listed, with_values=False),
                {},
            )
        if method == "POST":
            listed = json.loads(body)["selection"]
            asked = {one["variableCode"]: one["valueCodes"] for one in listed}
        else:
            asked = {
                name[11:-1]: text.split(",") for name, text in query.items() if name.startswith("valueCodes[")
            }
        problem, status = unfit(asked, codes, self.config["maxDataCells"])
        if problem:
            return status, {"type": "Parameter error", "title": problem, "status": status}, asked
        chosen = {name: [code for code in values if code in asked[name]] for name, values in codes.items()}
        mask = pd.Series(True, index=frame.index)
        for name, values in chosen.items():
            mask &= frame[name].isin(values)
        found = document(
            frame[mask], chosen, label=label, labels=labels, sparse=self.sparse, listed=self.listed
        )
        return 200, found, asked


def unfit(asked: dict[str, list[str]], codes: dict[str, list[str]], most: int) -> tuple[str, int]:
    """Say what the real service says of a selection that it refuses."""
    cells = 1
    for name, values in asked.items():
        if name not in codes:
            return "Non-existent variable", 400
        if len(set(values)) < len(values):
            return "", 500
        if any(value not in codes[name] for value in values):
            return "Non-existent value", 400
        cells *= len(values)
    if set(codes) - set(asked):
        return "Missing selection for mandantory variable", 400
    return ("Too many cells selected", 400) if cells > most else ("", 200)


def handler_of(server: StatbankServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.reply("GET")

        def do_POST(self) -> None:
            self.reply("POST")

        def reply(self, method: str) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            split = urlsplit(self.path)
            trouble = server.take_trouble(split.path)
            if trouble:
                self.go_wrong(method, split.path, trouble)
                return
            if len(server.base) + len(self.path) > LONGEST_ADDRESS:
                status, found, asked = 404, {"title": "Not Found", "status": 404}, {}
            else:
                status, found, asked = server.answer(method, split.path, dict(parse_qsl(split.query)), body)
            content = json.dumps(found).encode()
            tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
            conditional = self.headers.get("If-None-Match") is not None
            if status == 200 and self.headers.get("If-None-Match") == tag:
                status, content = 304, b""
            server.calls.append(Call(method, split.path, status, conditional, asked))
            self.send(status, content, {"ETag": tag})

        def go_wrong(self, method: str, path: str, trouble: str) -> None:
            kind, _, wait = trouble.partition(":")
            status = int(kind) if kind.isdigit() else 200
            server.calls.append(Call(method, path, status if kind not in ("cut", "drop") else 0))
            if kind == "drop":
                self.close_connection = True
            elif kind == "cut":
                self.send_response(200)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                self.wfile.write(b'{"version": "2.0", "cl')
                self.close_connection = True
            elif kind == "html":
                self.send(200, b"<html><title>Vedlikehold</title></html>", {})
            elif kind == "broken":
                self.send(200, b'{"version": "2.0", "class": "data', {})
            else:
                self.send(status, b"", {"Retry-After": wait or "0"})

        def send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            if status != 304:
                self.send_header("Content-Length", str(len(content)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
