"""A real Chromium against a really served site: the demo with its plan, an outlook of few draws, and an open draft."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import site_pages
import sites
from site_pages import Answer, Site, explore

# What `framsyn serve --demo` does before it answers, with few draws.
FILL = f"""
import sys
from framsyn.cli.progress import Work
from framsyn.cli.site import fill_demo
with Work() as work:
    fill_demo(None, work, 20)
sys.path.insert(0, {str(Path(site_pages.__file__).parent)!r})
from site_pages import make_own_of_demo, make_ready
make_ready()
make_own_of_demo()
"""
ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-background-networking --disable-quic --no-first-run "
    "--disable-component-update --disable-sync"
).split()


def find_chromium() -> str | None:
    """Return the path of the machine's Chromium."""
    return os.environ.get("FRAMSYN_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Return the browser; the tests are left out where there is none."""
    path = find_chromium()
    if path is None:
        pytest.skip("no chromium on this machine (Debian: apt-get install chromium)")
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed (make setup-dev)"
    )
    # Playwright keeps a loop running in this thread; tests of the site that follow here may use the database all the same.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()
    if before is None:
        os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)


class Visitor:
    """Opens pages as a reader, an editor or an administrator, and hears what the browser complains about."""

    def __init__(self, browser: Any, base: str) -> None:
        self.browser, self.base = browser, base
        self.states: dict[str, Any] = {"anonymous": None}
        self.requests: dict[str, Any] = {}

    def state(self, reader: str) -> Any:
        """Return the cookies of a reader, who logs in the first time."""
        if reader not in self.states:
            from framsyn.web.operations.demo import LOGINS

            login = next(login for login in LOGINS if login.role == reader)
            context = self.browser.new_context(base_url=self.base)
            page = context.new_page()
            page.goto("/login/")
            page.fill("input[name=username]", login.username)
            page.fill("input[name=password]", login.password)
            page.press("input[name=password]", "Enter")
            page.wait_for_url(f"{self.base}/")
            self.states[reader] = context.storage_state()
            context.close()
        return self.states[reader]

    @contextmanager
    def page(self, reader: str = "anonymous", language: str = "nb", **options: Any) -> Iterator[Any]:
        """Give a page in a context of its own; ``page.noise`` gathers errors and refused content."""
        options.setdefault("viewport", {"width": 1280, "height": 900})
        context = self.browser.new_context(
            base_url=self.base, storage_state=self.state(reader), reduced_motion="reduce", **options
        )
        context.set_default_timeout(20_000)
        context.add_cookies([{"name": "language", "value": language, "url": self.base}])
        page = context.new_page()
        page.noise = []
        page.on("console", lambda said: said.type in ("error", "warning") and page.noise.append(said.text))
        page.on("pageerror", lambda error: page.noise.append(str(error)))
        page.on("requestfailed", lambda request: page.noise.append(f"{request.url}: {request.failure}"))
        try:
            yield page
        finally:
            context.close()

    def fetch(self, reader: str, address: str) -> Answer:
        """Ask for an address without drawing it."""
        if reader not in self.requests:
            context = self.browser.new_context(base_url=self.base, storage_state=self.state(reader))
            context.add_cookies([{"name": "language", "value": "nb", "url": self.base}])
            self.requests[reader] = context
        answer = self.requests[reader].request.get(address, max_redirects=0)
        kind = answer.headers.get("content-type", "")
        text = answer.text() if "html" in kind else ""
        return Answer(answer.status, kind, text, answer.headers.get("location", ""))


@pytest.fixture(scope="session")
def site(
    chromium: Any, tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]
) -> Iterator[str]:
    """Serve the demo for the tests of this worker; FRAMSYN_TEST_SITE names one that runs already, while working on tests."""
    if running := os.environ.get("FRAMSYN_TEST_SITE"):
        yield running
        return
    demo = sites.Site(tmp_path_factory.mktemp("site") / "data", environment, FRAMSYN_LOG="text")
    demo.run(FILL)
    with sites.Server(demo, "--demo", "--workers", "1") as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture(scope="session")
def visitor(chromium: Any, site: str) -> Visitor:
    """Return who opens the pages."""
    return Visitor(chromium, site)


@pytest.fixture(scope="session")
def explored(visitor: Visitor) -> Site:
    """Return every page of the site."""
    return explore(visitor.fetch)


@pytest.fixture
def open_page(visitor: Visitor) -> Callable[..., Any]:
    """Return a context manager that gives a page."""
    return visitor.page
