"""Stories in a real browser: step by step by keys, by links and on paper; in frames of other sites; and as files."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import sites

PRESENT = "/stories/the-staff-we-do-not-have/present/"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
# axe asks for style sheets once more, which files may not.
AXE = """(tags) => axe.run(document, {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"], preload: false})
  .then((found) => found.violations.map((one) => `${one.id}: ` +
    one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")))"""


# ---------------------------------------------------------------- step by step
def visible(page: Any) -> list[str]:
    """Return the steps that are shown."""
    return page.evaluate(
        "[...document.querySelectorAll('.slide')].filter((one) => one.checkVisibility()).map((one) => one.id)"
    )


def test_keys_lead_through_the_steps(open_page: Callable[..., Any]) -> None:
    with open_page(language="en") as page:
        page.goto(PRESENT)
        all_steps = page.locator(".slide").count()
        assert visible(page) == ["step-0"]
        for key, shown in (
            ("ArrowRight", "step-1"),
            ("ArrowRight", "step-2"),
            ("ArrowLeft", "step-1"),
            ("End", f"step-{all_steps - 1}"),
            ("ArrowRight", f"step-{all_steps - 1}"),
            ("Home", "step-0"),
            ("ArrowLeft", "step-0"),
            ("PageDown", "step-1"),
        ):
            page.keyboard.press(key)
            page.wait_for_function("(id) => document.getElementById(id).checkVisibility()", arg=shown)
            assert visible(page) == [shown], key
        assert page.locator("[data-present-counter]").inner_text().startswith(f"Step 1 of {all_steps - 1}: ")
        assert page.evaluate("document.activeElement.matches('#step-1 h2')")
        page.go_back()
        page.wait_for_function("() => document.getElementById('step-0').checkVisibility()")
        page.wait_for_load_state(
            "networkidle"
        )  # what a page that is left still loads is given up, and told as noise
        page.keyboard.press("Escape")
        page.wait_for_url("**/stories/the-staff-we-do-not-have/")
        assert page.noise == []


def test_a_step_has_an_address_and_keys_in_a_field_are_the_fields(open_page: Callable[..., Any]) -> None:
    with open_page(language="en") as page:
        page.goto(f"{PRESENT}#step-6")
        assert visible(page) == ["step-6"]
        field = page.locator(".slide input[type=number]").first
        field.focus()
        before = field.input_value()
        page.keyboard.press("ArrowUp")
        assert field.input_value() != before
        assert visible(page) == ["step-6"]
        page.locator("#step-6 .slide__ways a").first.click()
        page.wait_for_function("() => document.getElementById('step-5').checkVisibility()")
        page.reload()
        assert visible(page) == ["step-5"]


def test_the_chart_of_a_step_is_large_and_stands_in_the_window(open_page: Callable[..., Any]) -> None:
    with open_page(language="en") as page:
        page.goto(f"{PRESENT}#step-1")
        box = page.locator("#step-1 svg.framsyn-chart:visible").bounding_box()
        assert box["width"] > 600
        assert box["y"] + box["height"] < 900
        size = page.evaluate(
            "parseFloat(getComputedStyle(document.querySelector('#step-1 .story-step__say')).fontSize)"
        )
        assert size >= 26


def test_without_a_script_links_lead_through_the_steps(open_page: Callable[..., Any]) -> None:
    with open_page(language="en", java_script_enabled=False) as page:
        page.goto(PRESENT)
        for number in range(1, 7):
            page.locator(f"#step-{number - 1} .slide__ways a[href='#step-{number}']").click()
            assert page.url.endswith(f"#step-{number}")
            heading = page.locator(f"#step-{number} h2").bounding_box()
            assert 0 <= heading["y"] < 900
        page.locator("#step-6 .slide__ways a").last.click()
        page.wait_for_url("**/stories/the-staff-we-do-not-have/")


def test_on_paper_a_step_is_a_page(open_page: Callable[..., Any]) -> None:
    with open_page(language="en") as page:
        page.goto(PRESENT)
        page.emulate_media(media="print")
        paper = page.pdf(format="A4", landscape=True)
        assert len(re.findall(rb"/Type\s*/Page\b", paper)) == page.locator(".slide").count()


def test_a_lever_of_a_story_leads_to_the_explorer(open_page: Callable[..., Any]) -> None:
    with open_page(language="en", java_script_enabled=False) as page:
        page.goto("/stories/where-the-beds-go/")
        page.route(
            "**/outlook/?*", lambda route: route.fulfill(content_type="text/html", body="the explorer")
        )
        page.fill("input[name=work_processes]", "-10")
        with page.expect_request(lambda request: "/outlook/?" in request.url) as asked:
            page.locator(".story-levers button").click()
        query = urlsplit(asked.value.url).query
        assert "work_processes=-10" in query
        assert "service=SOM" in query


# ---------------------------------------------------------------- other sites
@contextmanager
def another_site(markup: str) -> Iterator[str]:
    """Serve one page from an origin of its own, and give its address."""

    class Paper(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(markup.encode())

        def log_message(self, *_what: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Paper)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def test_another_site_may_frame_the_embedded_pages_alone(open_page: Callable[..., Any], site: str) -> None:
    own = ("/stories/an-older-region/embed/?lang=en", "/outlook/embed/beds/?lang=en")
    others = ("/stories/an-older-region/", "/stories/")
    frames = "".join(
        f'<iframe src="{site}{address}" width="800" height="600"></iframe>' for address in (*own, *others)
    )
    with another_site(frames) as address, open_page(language="en") as page:
        page.goto(address, wait_until="load")
        shown = [
            frame.locator("svg.framsyn-chart").count() > 0
            for frame in page.frames
            if frame != page.main_frame
        ]
        assert shown == [True, True, False, False]
        assert {cookie["name"] for cookie in page.context.cookies()} == {"language"}  # the reader's own


# ---------------------------------------------------------------- as files
@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Path:
    """Return what the command writes where there is no site: the plan of few draws, run by the engine."""
    place = tmp_path_factory.mktemp("usb")
    site = sites.Site(place / "none", environment)
    answer = site.call("export", "site", str(place / "stick"), "--lang", "nb,en", "--draws", "20", "--json")
    assert answer.returncode == 0, answer.stderr
    told = json.loads(answer.stdout)
    assert told["pages"] == len(list((place / "stick").rglob("*.html")))
    assert not (place / "none").exists()
    assert [path.name for path in place.iterdir()] == ["stick"]
    return place / "stick"


@pytest.fixture
def reader(chromium: Any) -> Iterator[Any]:
    """Return a page that counts what it asks for; ``page.asked`` and ``page.noise``."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.asked, page.noise = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("console", lambda said: page.noise.append(said.text))
    page.on("pageerror", lambda error: page.noise.append(str(error)))
    # An icon that is still on its way when the next page is opened is let go of.
    page.on(
        "requestfailed", lambda request: "ABORTED" in str(request.failure) or page.noise.append(request.url)
    )
    yield page
    context.close()


LINKS = """() => [...document.querySelectorAll("[href], [src], [action]")].map((one) =>
  one.getAttribute("href") ?? one.getAttribute("src") ?? one.getAttribute("action"))"""


def test_every_page_opens_as_a_file_and_asks_for_nothing(folder: Path, reader: Any) -> None:
    root = folder.resolve()
    waiting, seen = [root / "index.html"], set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        if path.suffix != ".html":
            continue
        reader.goto(path.as_uri(), wait_until="load")
        for address in reader.evaluate(LINKS):
            parts = urlsplit(address)
            if not parts.path:
                continue
            assert not parts.scheme, (path, address)
            target = (path.parent / unquote(parts.path)).resolve()
            assert root in target.parents, (path, address)
            assert target.is_file(), (path, address)
            waiting.append(target)
    assert {path for path in root.rglob("*.html")} == {path for path in seen if path.suffix == ".html"}
    assert reader.noise == []
    assert [address for address in reader.asked if not address.startswith("file:")] == []
    kinds = {Path(unquote(urlsplit(address).path)).suffix for address in reader.asked}
    assert kinds <= {".html", ".css", ".svg"}


@pytest.mark.parametrize(
    "name",
    [
        "index.html",
        "en/index.html",
        "en/outlook/region-som.html",
        "en/outlook/hmr.html",
        "en/stories/index.html",
        "en/stories/where-the-beds-go.html",
        "en/stories/what-the-money-allows-steps.html",
        "en/about/assumptions.html",
        "en/about/data.html",
        "en/about/licence.html",
        "en/about/glossary.html",
    ],
)
def test_each_kind_of_page_passes_axe_and_fits_a_phone(folder: Path, reader: Any, name: str) -> None:
    script = pytest.importorskip("axe_playwright_python.base", reason="axe is not installed").AXE_SCRIPT
    reader.goto((folder / name).as_uri())
    reader.evaluate(script)
    assert reader.evaluate(AXE, TAGS) == []
    reader.set_viewport_size({"width": 320, "height": 640})
    assert reader.evaluate("document.documentElement.scrollWidth") <= 320
    assert reader.noise == []


def test_the_menu_and_the_year_of_the_map_work_without_a_script(folder: Path, chromium: Any) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    page.goto((folder / "en/index.html").as_uri())
    year = page.locator(".years__pick a").first.inner_text()
    page.locator(".years__pick a").first.click()
    assert page.locator(".years__item:visible").get_attribute("data-year") == year
    assert not page.locator("#menu").is_visible()
    page.locator(".menu-open").click()
    page.locator("#menu a", has_text="Stories").click()
    page.wait_for_url("**/en/stories/index.html")
    page.locator(".languages a[hreflang=nb]").click()
    page.wait_for_url("**/nb/stories/index.html")
    context.close()


def test_the_pages_say_the_figures_of_the_same_run(folder: Path, reader: Any, midt: Any, plan: Any) -> None:
    from framsyn.outlook.run import run
    from framsyn.report.numbers import interval

    outlook = run(midt, plan, draws=20)
    low, middle, high = (
        float(value)
        for value in outlook.quantiles("staff_gap", (0.1, 0.5, 0.9), ("year",)).sel(year=2040).values
    )
    reader.goto((folder / "en/stories/the-staff-we-do-not-have.html").as_uri())
    assert interval(middle, low, high, "en").text.replace(
        "\u2013", "\u2060\u2013\u2060"
    ) in reader.inner_text("#step-1")
    assert outlook.id in reader.inner_text("footer")
