"""The HTTP core against a real server on this machine: retries, rates, cache, offline, and what is kept when it fails."""

from __future__ import annotations

import gzip
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from framsyn.errors import PlanError
from framsyn.sources.fetching import Fetcher, Rate, cache_folder, read_json, read_text
from framsyn.sources.fetching.transport import Turns

SOURCE = str(Path(__file__).parents[2] / "src")
Answer = tuple[int, dict[str, str], bytes]


class Service:
    """Answers each call by the next of its answers, the last of them for ever; keeps what came in."""

    def __init__(self, answers: list[Answer | Callable[[dict[str, str]], Answer]]) -> None:
        self.answers = answers
        self.calls: list[tuple[str, str, dict[str, str], bytes]] = []
        self.url = ""


@contextmanager
def serving(*answers: Answer | Callable[[dict[str, str]], Answer]) -> Iterator[Service]:
    service = Service(list(answers))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            service.calls.append((self.command, self.path, headers, body))
            found = service.answers[min(len(service.calls), len(service.answers)) - 1]
            status, sent, content = found(headers) if callable(found) else found
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **sent}.items():
                self.send_header(name, value)
            self.end_headers()
            if status != 304:
                self.wfile.write(content)
            if "Content-Length" in sent:
                self.close_connection = True

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    service.url = f"http://127.0.0.1:{server.server_port}/a"
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()


def good(text: str = '{"a": 1}', **headers: str) -> Answer:
    return 200, {name.replace("_", "-"): value for name, value in headers.items()}, text.encode()


def patient(folder: Path, waited: list[float] | None = None, **settings: object) -> Fetcher:
    """A fetcher that notes how long it would wait and does not."""
    kept = [] if waited is None else waited
    return Fetcher(folder, sleep=kept.append, **settings)


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(PlanError) as caught:
        call()
    return caught.value.code


def test_an_answer_is_fetched_once_and_then_comes_from_the_cache(tmp_path: Path) -> None:
    with serving(good()) as service, patient(tmp_path) as fetcher:
        assert fetcher.get_json(service.url, {"q": "ø"}, source="ssb") == {"a": 1}
        assert fetcher.get_json(service.url, {"q": "ø"}, source="ssb") == {"a": 1}
        assert len(service.calls) == 1
        assert [one.status for one in fetcher.fetched] == ["network", "cache"]
        assert len({one.digest for one in fetcher.fetched}) == 1
        assert fetcher.fetched[1].at.tzinfo is not None


def test_an_old_answer_is_asked_about_and_kept_when_unchanged(tmp_path: Path) -> None:
    def unchanged(headers: dict[str, str]) -> Answer:
        return (304, {}, b"") if headers.get("if-none-match") == '"v1"' else (500, {}, b"")

    with serving(good(ETag='"v1"'), unchanged, good('{"a": 2}', ETag='"v2"')) as service:
        for expected, status in ((1, "network"), (1, "revalidated"), (2, "network")):
            with patient(tmp_path, fresh_for=0) as fetcher:
                assert fetcher.get_json(service.url, source="ssb") == {"a": expected}
                assert fetcher.fetched[0].status == status
    with patient(tmp_path, offline=True) as fetcher:
        assert fetcher.get_json(service.url, source="ssb") == {"a": 2}


def test_last_modified_serves_as_well_as_a_tag(tmp_path: Path) -> None:
    moment = "Wed, 25 Feb 2026 07:00:00 GMT"
    with serving(good(Last_Modified=moment), (304, {}, b"")) as service:
        for _ in range(2):
            with patient(tmp_path, fresh_for=0) as fetcher:
                assert fetcher.get_json(service.url, source="ssb") == {"a": 1}
        assert service.calls[1][2]["if-modified-since"] == moment


def test_an_answer_without_a_tag_is_kept_for_the_network_off(tmp_path: Path) -> None:
    with serving(good()) as service, patient(tmp_path, fresh_for=0) as fetcher:
        fetcher.post_json(service.url, {"b": [1, 2]}, source="fhi")
        fetcher.post_json(service.url, {"b": [1, 3]}, source="fhi")
        assert len(service.calls) == 2
    with patient(tmp_path, offline=True) as fetcher:
        assert fetcher.post_json(service.url, {"b": [1, 2]}, source="fhi") == {"a": 1}
        assert fetcher.fetched[0].status == "cache"
        assert code_of(lambda: fetcher.post_json(service.url, {"b": [9]}, source="fhi")) == "not-in-cache"


def test_vary_does_not_split_the_cache(tmp_path: Path) -> None:
    with serving(good(Vary="*")) as service, patient(tmp_path) as fetcher:
        fetcher.get_json(service.url, source="ssb")
    with patient(tmp_path, offline=True) as fetcher:
        assert fetcher.get_json(service.url, source="ssb") == {"a": 1}


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_service_is_asked_again_as_it_wishes(tmp_path: Path, status: int) -> None:
    waited: list[float] = []
    with (
        serving((status, {"Retry-After": "7"}, b""), good()) as service,
        patient(tmp_path, waited) as fetcher,
    ):
        assert fetcher.get_json(service.url, source="ssb") == {"a": 1}
    assert waited == [7.0]


def test_waiting_grows_where_the_service_does_not_say(tmp_path: Path) -> None:
    waited: list[float] = []
    with serving((503, {}, b"")) as service, patient(tmp_path, waited) as fetcher:
        assert code_of(lambda: fetcher.get_json(service.url, source="ssb")) == "source-busy"
        assert len(service.calls) == 5
    assert [1 <= waited[0] <= 1.25, 2 <= waited[1] <= 2.5, 4 <= waited[2] <= 5, 8 <= waited[3] <= 10] == [
        True
    ] * 4


def test_too_many_calls_without_a_time_waits_out_the_window(tmp_path: Path) -> None:
    waited: list[float] = []
    with serving((429, {}, b""), good()) as service, patient(tmp_path, waited) as fetcher:
        fetcher.get_json(service.url, source="ssb")
    assert waited == [60.0]


def test_a_service_that_asks_for_an_hour_is_not_waited_for(tmp_path: Path) -> None:
    waited: list[float] = []
    with serving((429, {"Retry-After": "3600"}, b"")) as service, patient(tmp_path, waited) as fetcher:
        with pytest.raises(PlanError, match="in 3600 seconds") as caught:
            fetcher.get_json(service.url, source="ssb")
    assert (waited, caught.value.code, caught.value.data["wait"]) == ([], "source-busy", 3600.0)


@pytest.mark.parametrize("header", ["soon", "-4", "1e400", "Wed, 99 Foo 2026"])
def test_a_retry_after_that_is_none_is_passed_over(tmp_path: Path, header: str) -> None:
    with serving((503, {"Retry-After": header}, b""), good()) as service, patient(tmp_path) as fetcher:
        assert fetcher.get_json(service.url, source="ssb") == {"a": 1}


def test_a_cut_answer_is_fetched_anew_and_never_kept_half(tmp_path: Path) -> None:
    cut = (200, {"Content-Length": "100"}, b'{"a": ')
    with serving(cut, cut, good()) as service, patient(tmp_path) as fetcher:
        assert fetcher.get_json(service.url, source="ssb") == {"a": 1}
    with serving(cut) as service, patient(tmp_path / "b") as fetcher:
        with pytest.raises(PlanError, match="What was fetched is kept") as caught:
            fetcher.get_json(service.url, source="ssb")
        assert caught.value.code == "source-unreachable"
    with patient(tmp_path / "b", offline=True) as fetcher:
        assert code_of(lambda: fetcher.get_json(service.url, source="ssb")) == "not-in-cache"


def test_a_failed_renewal_leaves_the_old_answer_for_the_network_off(tmp_path: Path) -> None:
    with serving(good(), (503, {}, b"")) as service:
        with patient(tmp_path, fresh_for=0) as fetcher:
            fetcher.get_json(service.url, source="ssb")
            assert code_of(lambda: fetcher.get_json(service.url, source="ssb")) == "source-busy"
    with patient(tmp_path, offline=True) as fetcher:
        assert fetcher.get_json(service.url, source="ssb") == {"a": 1}


@pytest.mark.parametrize(
    ("status", "code"),
    [(404, "source-not-found"), (410, "source-not-found"), (400, "source-refused"), (403, "source-refused")],
)
def test_a_refusal_says_what_the_service_said_and_is_not_tried_again(
    tmp_path: Path, status: int, code: str
) -> None:
    with serving((status, {}, b'{"title": "Non-existent value"}')) as service, patient(tmp_path) as fetcher:
        with pytest.raises(PlanError, match="Non-existent value") as caught:
            fetcher.get_json(service.url, source="ssb")
        assert (caught.value.code, len(service.calls)) == (code, 1)


def test_a_page_of_maintenance_is_not_what_the_next_run_finds(tmp_path: Path) -> None:
    with serving(good("<html>Vedlikehold</html>"), good()) as service, patient(tmp_path) as fetcher:
        assert code_of(lambda: fetcher.get_json(service.url, source="ssb")) == "source-changed"
        assert fetcher.get_json(service.url, source="ssb") == {"a": 1}


def test_an_answer_too_large_is_given_up_also_when_packed(tmp_path: Path) -> None:
    bomb = gzip.compress(b"0" * 3_000_000)
    with serving((200, {"Content-Encoding": "gzip"}, bomb)) as service:
        with patient(tmp_path, limits={"ssb": Rate(bytes=1024 * 1024)}) as fetcher:
            with pytest.raises(PlanError, match="larger than 1 MB") as caught:
                fetcher.get_bytes(service.url, source="ssb")
    assert caught.value.code == "source-too-large"


def test_packed_answers_are_unpacked_and_digested_alike(tmp_path: Path) -> None:
    with serving((200, {"Content-Encoding": "gzip"}, gzip.compress(b'{"a": 1}')), good()) as service:
        digests = []
        for folder in ("a", "b"):
            with patient(tmp_path / folder) as fetcher:
                fetcher.get_json(service.url, source="ssb")
                digests.append(fetcher.fetched[0].digest)
    assert digests[0] == digests[1]


def test_nobody_there_and_no_address_are_told(tmp_path: Path) -> None:
    with patient(tmp_path) as fetcher:
        for url in ("http://127.0.0.1:9/a", "ftp://127.0.0.1/a", "nonsense", "http://", "http://[/"):
            assert code_of(lambda url=url: fetcher.get_json(url, source="ssb")) == "source-unreachable", url


def test_a_network_that_is_off_is_not_waited_for_at_every_call(tmp_path: Path) -> None:
    waited: list[float] = []
    with patient(tmp_path, waited) as fetcher:
        for name in "abcd":
            with pytest.raises(PlanError, match="Connection refused"):
                fetcher.get_json(f"http://127.0.0.1:9/{name}", source="ssb")
        assert len(waited) == 1
    with serving(good()) as service, patient(tmp_path, waited) as fetcher:
        fetcher._mail._away.add(service.url.split("/")[2])
        service.answers.insert(0, (503, {"Retry-After": "1"}, b""))
        assert code_of(lambda: fetcher.get_json(service.url, source="ssb")) == "source-busy"
        # It has answered, if only that it is busy, so it is asked again as any other.
        service.answers.insert(1, (503, {"Retry-After": "1"}, b""))
        assert fetcher.get_json(service.url, source="ssb") == {"a": 1}


def test_a_certificate_that_is_not_trusted_is_told(tmp_path: Path) -> None:
    with serving(good()) as service, patient(tmp_path) as fetcher:
        with pytest.raises(PlanError, match="cannot be reached") as caught:
            fetcher.get_json(service.url.replace("http:", "https:"), source="ssb")
    assert caught.value.code == "source-unreachable"


def test_what_a_service_says_cannot_steer_the_terminal(tmp_path: Path) -> None:
    for answer in ((400, {}, b"\x1b[2Jgone\r\n\x07"), good("\x1b[2Jgone")):
        with serving(answer) as service, patient(tmp_path) as fetcher:
            with pytest.raises(PlanError, match="gone") as caught:
                fetcher.get_json(service.url, source="ssb")
        assert caught.value.message.isprintable()


def test_the_extra_is_named_where_it_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "requests_cache", None)
    with pytest.raises(PlanError, match=r"framsyn\[sources\]") as caught:
        Fetcher(tmp_path)
    assert caught.value.code == "package-missing"


def test_two_runs_share_one_cache(tmp_path: Path) -> None:
    with serving(good()) as service, patient(tmp_path) as one, patient(tmp_path) as other:
        threads = [
            threading.Thread(
                target=lambda fetcher=fetcher: [
                    fetcher.get_json(service.url, {"n": str(n)}, source="klass") for n in range(15)
                ]
            )
            for fetcher in (one, other)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(one.fetched) == len(other.fetched) == 15
    with patient(tmp_path, offline=True) as fetcher:
        assert all(
            fetcher.get_json(service.url, {"n": str(n)}, source="klass") == {"a": 1} for n in range(15)
        )


KILLED = """
import os, sys
from pathlib import Path
from framsyn.sources.fetching import Fetcher
url, folder = sys.argv[1:]
fetcher = Fetcher(Path(folder))
fetcher.get_json(url + "?n=1", source="ssb")
fetcher.progress = lambda *step: os._exit(9)  # dies while it waits for a busy service
fetcher.get_json(url + "?n=2", source="ssb")
"""


def test_a_run_that_is_killed_leaves_what_it_had_fetched(tmp_path: Path) -> None:
    with serving(good(), (503, {"Retry-After": "30"}, b"")) as service:
        words = [sys.executable, "-c", KILLED, service.url, str(tmp_path)]
        assert subprocess.run(words, check=False, env=os.environ | {"PYTHONPATH": SOURCE}).returncode == 9
        with patient(tmp_path, offline=True) as fetcher:
            assert fetcher.get_json(f"{service.url}?n=1", source="ssb") == {"a": 1}
            assert code_of(lambda: fetcher.get_json(f"{service.url}?n=2", source="ssb")) == "not-in-cache"


def test_an_address_that_leads_in_a_circle_is_told(tmp_path: Path) -> None:
    with serving((302, {"Location": "/a"}, b"")) as service, patient(tmp_path) as fetcher:
        assert code_of(lambda: fetcher.get_json(service.url, source="klass")) == "source-unreachable"


def test_turns_keep_the_rate_in_every_stretch() -> None:
    now = [100.0]
    turns = Turns(Rate(calls=30, seconds=60), lambda: now[0], lambda wait: now.__setitem__(0, now[0] + wait))
    taken = []
    for step in range(95):
        now[0] += 0.3 * (step % 3)
        turns.take()
        taken.append(now[0])
    assert all(later - sooner >= 60 for sooner, later in zip(taken, taken[30:], strict=False))


def test_a_stricter_rate_that_the_service_names_is_kept(tmp_path: Path) -> None:
    now = [0.0]
    told: list[str] = []

    def sleep(wait: float) -> None:
        now[0] += wait

    with serving(good(x_ratelimit_policy="2;w=90s")) as service:
        fetcher = Fetcher(
            tmp_path, clock=lambda: now[0], sleep=sleep, progress=lambda done, total, what: told.append(what)
        )
        for number in range(3):
            fetcher.get_json(service.url, {"n": str(number)}, source="ssb")
    assert now[0] == 90.0
    assert told == ["ssb: 90 s until the next call"]


def test_pages_are_followed_to_the_end_and_not_in_a_circle(tmp_path: Path) -> None:
    def following(page: dict) -> str | None:
        return page.get("next")

    with (
        serving(good('{"n": 1, "next": "/b?x=2"}'), good('{"n": 2}')) as service,
        patient(tmp_path) as fetcher,
    ):
        pages = list(fetcher.get_pages(service.url, {"q": "1"}, source="klass", following=following))
        assert [page["n"] for page in pages] == [1, 2]
        assert [call[1] for call in service.calls] == ["/a?q=1", "/b?x=2"]
    with serving(good('{"next": "/a"}')) as service, patient(tmp_path / "b") as fetcher:
        pages = fetcher.get_pages(service.url, source="klass", following=following)
        assert code_of(lambda: list(pages)) == "source-changed"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1,]", "NaN", "Infinity", '{"a": 1, "a": 2}', "[" * 200_000, "1" * 10_000, "{'a': 1}", "\x00"],
)
def test_json_that_is_none_is_told(text: str) -> None:
    with pytest.raises(PlanError) as caught:
        read_json(text.encode(), "a test")
    assert caught.value.code == "source-changed"
    assert len(caught.value.message) < 500


def test_text_is_read_in_the_encoding_named_and_no_other() -> None:
    assert read_text("Sør-Varanger".encode("latin-1"), "a test", "latin-1") == "Sør-Varanger"
    assert read_text("\ufeffKåfjord".encode(), "a test") == "Kåfjord"
    with pytest.raises(PlanError, match="byte 2 is not utf-8 text"):
        read_text("Sør".encode("latin-1"), "a test")


def test_a_cache_that_is_none_is_told_and_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "http.sqlite").write_text("this is a letter" * 100)
    with pytest.raises(PlanError, match="cannot be used") as caught:
        patient(tmp_path).get_json("http://127.0.0.1:9/a", source="ssb")
    assert caught.value.code == "cache-unusable"
    assert (tmp_path / "http.sqlite").read_text().startswith("this is a letter")
    (tmp_path / "file").write_text("")
    assert code_of(lambda: patient(tmp_path / "file" / "cache")) == "cache-unusable"


def test_a_broken_entry_of_the_cache_is_fetched_anew(tmp_path: Path) -> None:
    with serving(good()) as service:
        with patient(tmp_path) as fetcher:
            fetcher.get_json(service.url, source="ssb")
        with sqlite3.connect(tmp_path / "http.sqlite") as database:
            database.execute("update responses set value = substr(value, 1, 40)")
        database.close()
        with patient(tmp_path) as fetcher:
            assert fetcher.get_json(service.url, source="ssb") == {"a": 1}
        assert len(service.calls) == 2


def test_nothing_in_the_cache_can_run(tmp_path: Path) -> None:
    with serving(good()) as service, patient(tmp_path) as fetcher:
        fetcher.get_json(service.url, source="ssb")
    with sqlite3.connect(tmp_path / "http.sqlite") as database:
        (value,) = database.execute("select value from responses").fetchone()
    database.close()
    assert isinstance(read_json(value, "a test"), dict)


def test_the_cache_lies_where_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRAMSYN_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path / "http"
    monkeypatch.delenv("FRAMSYN_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder().parts[-2:] == ("framsyn", "http")
