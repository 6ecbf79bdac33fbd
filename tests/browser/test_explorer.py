"""The explorer as somebody uses it: with the mouse, by typing, by keys, back and forth, on a phone, without a script."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_rules import RUN, TAGS

OUTLOOK = "/outlook/"
LEVER = '[data-lever="work_processes"]'
Open = Callable[..., Any]


@pytest.fixture(scope="module", autouse=True)
def desk(visitor: Any) -> None:
    """Let the desk of the shipped scenarios be open before anything is asked of it."""
    with visitor.page("anonymous", "en") as page:
        arrive(page)


def arrive(page: Any, address: str = OUTLOOK) -> None:
    """Go to a view and wait until all of it is answered."""
    page.goto(address)
    settled(page)


def settled(page: Any) -> None:
    """Wait until the answer of where the levers rest is whole."""
    page.wait_for_function(
        "() => document.querySelector('#results').ariaBusy === 'false' && document.querySelector('#result-table')"
        " && !document.querySelector('#results-later[data-before]')",
        timeout=60_000,
    )


def query(page: Any) -> dict[str, str]:
    """Return what the address says."""
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def run_id(page: Any) -> str:
    """Return the run that the page says its figures are of."""
    return str(page.inner_text("#run-id"))


def beds(page: Any) -> str:
    """Return the sentence that says the first result."""
    return str(page.inner_text("#finding"))


def type_in(page: Any, value: str, lever: str = LEVER) -> None:
    """Write a number into a lever's field and press Enter."""
    page.fill(f"{lever} .lever__field", value)
    page.press(f"{lever} .lever__field", "Enter")


def test_a_lever_that_is_dragged_is_answered_on_the_way_and_where_it_rests(open_page: Open) -> None:
    with open_page(language="en") as page:
        arrive(page)
        before, first = beds(page), run_id(page)
        asked: list[str] = []
        page.on("request", lambda request: "/answer/" in request.url and asked.append(request.url))
        page.locator(f"{LEVER} .lever__slider").scroll_into_view_if_needed()
        box = page.locator(f"{LEVER} .lever__slider").bounding_box()
        own = page.locator(f"{LEVER} .lever__slider").evaluate(
            "(one) => (one.value - one.min) / (one.max - one.min)"
        )
        start, middle = box["x"] + 7 + own * (box["width"] - 14), box["y"] + box["height"] / 2
        page.mouse.move(start, middle)
        page.mouse.down()
        for step in range(1, 21):
            page.mouse.move(start - 2 * step, middle)
            page.wait_for_timeout(20)
        page.wait_for_function(
            "(before) => document.querySelector('#finding').innerText !== before", arg=before
        )
        assert page.inner_text("#finding-said") == ""  # nothing is read aloud before it rests
        page.mouse.up()
        settled(page)
        value = float(page.input_value(f"{LEVER} .lever__field"))
        assert value < -5
        assert query(page) == {"work_processes": f"{value:g}"}
        assert run_id(page) != first
        assert page.inner_text("#finding-said") == beds(page) != before
        assert any("part=later" in url for url in asked)
        assert page.locator("[data-moved-count='']").inner_text() == "1"
        page.go_back()  # the whole drag is one step
        settled(page)
        assert query(page) == {}
        assert run_id(page) == first
        assert page.noise == [line for line in page.noise if "ERR_ABORTED" in line]


def test_a_number_that_is_typed(open_page: Open) -> None:
    with open_page(language="en") as page:
        arrive(page)
        type_in(page, "-10")
        settled(page)
        assert query(page) == {"work_processes": "-10"}
        assert page.locator(f"{LEVER} .lever__slider").input_value() == "-10"
        moved = run_id(page)
        type_in(page, "-90")  # beyond the end: it stands at the end and says so
        settled(page)
        assert query(page) == {"work_processes": "-25"}
        assert "from −25.0 to 10.0" in page.inner_text(f"{LEVER} [data-limits]")
        type_in(page, "-10")
        settled(page)
        assert run_id(page) == moved
        page.click(f"{LEVER} [data-back]")
        settled(page)
        assert query(page) == {}
        assert page.evaluate("document.activeElement.id") == "lever-work_processes"
        type_in(page, "")
        assert page.input_value(f"{LEVER} .lever__field") == page.get_attribute(LEVER, "data-own")
        assert page.noise == []


def test_keys_move_a_slider(open_page: Open) -> None:
    with open_page(language="en") as page:
        arrive(page)
        slider = page.locator(f"{LEVER} .lever__slider")
        own = float(slider.input_value())
        slider.focus()
        for key, value in (
            ("ArrowLeft", own - 0.5),
            ("ArrowDown", own - 1),
            ("ArrowRight", own - 0.5),
            ("PageUp", own + 3),
            ("Home", -25),
            ("End", 10),
            ("PageDown", 6.5),
        ):
            slider.press(key)
            assert float(slider.input_value()) == pytest.approx(value), key
        page.wait_for_function("() => location.search === '?work_processes=6.5'")
        settled(page)
        assert slider.get_attribute("aria-valuetext") == "6.5\u202f%"
        assert slider.evaluate("(one) => one === document.activeElement")
        slider.dblclick()
        settled(page)
        assert query(page) == {}
        assert [line for line in page.noise if "ERR_ABORTED" not in line] == []


def test_back_forward_reload_undo_and_reset(open_page: Open) -> None:
    with open_page(language="en") as page:
        arrive(page)
        runs = [run_id(page)]
        for value in ("-6", "-12"):
            type_in(page, value)
            settled(page)
            runs.append(run_id(page))
        page.select_option("#choice-place", "hmr")
        settled(page)
        assert query(page) == {"place": "hmr", "work_processes": "-12"}
        sentence = beds(page)
        page.reload()
        settled(page)
        assert beds(page) == sentence
        assert page.input_value(f"{LEVER} .lever__field") == "-12.0"
        assert page.input_value("#choice-place") == "hmr"
        page.go_back()
        settled(page)
        assert query(page) == {"work_processes": "-12"}
        page.go_back()
        settled(page)
        assert (query(page), run_id(page)) == ({"work_processes": "-6"}, runs[1])
        assert page.input_value(f"{LEVER} .lever__field") == "-6.0"
        page.go_forward()
        settled(page)
        assert run_id(page) == runs[2]
        type_in(page, "-15")
        settled(page)
        page.keyboard.press("Control+z")
        settled(page)
        assert (query(page), run_id(page)) == ({"work_processes": "-12"}, runs[2])
        page.click("[data-redo]")
        settled(page)
        assert query(page) == {"work_processes": "-15"}
        page.click("[data-undo]")
        settled(page)
        page.click("[data-reset]")
        settled(page)
        assert (query(page), run_id(page)) == ({}, runs[0])
        assert [line for line in page.noise if "ERR_ABORTED" not in line] == []


def test_a_shared_address_shows_the_same_to_somebody_else(open_page: Open) -> None:
    with open_page(language="en") as page:
        arrive(page)
        page.select_option("#choice-scenario", "trend")
        settled(page)
        page.select_option("#choice-service", "SOM")
        settled(page)
        type_in(page, "-7.5")
        settled(page)
        page.locator("#choice-year-slider").focus()
        page.keyboard.press("ArrowLeft")
        page.wait_for_function("() => location.search.includes('year=2039')")
        settled(page)
        address, sentence, run = page.url, beds(page), run_id(page)
        assert "2039" in sentence
        assert (
            page.get_attribute("a[href*='/scenarios/new/']", "href").partition("?")[2]
            == urlsplit(address).query
        )
    with open_page("editor", language="en") as other:
        arrive(other, address)
        assert (beds(other), run_id(other)) == (sentence, run)
        assert other.input_value(f"{LEVER} .lever__field") == "-7.5"
        assert other.input_value("#choice-scenario") == "trend"


def test_an_older_answer_never_takes_the_place_of_a_newer_one(open_page: Open) -> None:
    with open_page(language="en") as page:
        arrive(page)
        held: list[Any] = []

        def hold(route: Any) -> None:
            if "work_processes=-20" in route.request.url:
                held.append(route)
            else:
                route.continue_()

        # The script is kept from giving up on the older question, so that its answer does come.
        page.evaluate("AbortController.prototype.abort = function () {}")
        page.route("**/outlook/answer/**", hold)
        type_in(page, "-20")
        page.wait_for_timeout(150)
        assert held
        type_in(page, "-5")
        settled(page)
        run, sentence = run_id(page), beds(page)
        for route in held:
            route.continue_()
        page.wait_for_timeout(800)
        assert (run_id(page), beds(page)) == (run, sentence)
        assert query(page) == {"work_processes": "-5"}


def test_focus_and_folds_stay_when_blocks_change(open_page: Open) -> None:
    with open_page(language="en") as page:
        arrive(page)
        summary = page.locator("#result-beds summary").first
        summary.click()
        before = page.locator("#result-beds table").inner_text()
        page.evaluate("""() => {
          const field = document.querySelector('#lever-work_processes');
          field.value = '-18';
          field.dispatchEvent(new Event('change', { bubbles: true }));
        }""")
        settled(page)
        assert page.locator("#result-beds details").first.get_attribute("open") is not None
        assert page.locator("#result-beds table").inner_text() != before
        assert page.evaluate("document.activeElement.closest('#result-beds') !== null")


def test_a_lost_connection_is_told_and_tried_again(open_page: Open) -> None:
    with open_page(language="en") as page:
        arrive(page)
        page.route("**/outlook/answer/**", lambda route: route.abort())
        type_in(page, "-9")
        page.wait_for_selector("#explorer-faults .notice")
        assert "Nothing is lost" in page.inner_text("#explorer-faults")
        page.unroute("**/outlook/answer/**")
        page.click("#explorer-faults button")
        settled(page)
        assert page.inner_text("#explorer-faults") == ""
        assert query(page) == {"work_processes": "-9"}


def test_a_desk_that_must_be_opened_shows_how_far_it_is(open_page: Open) -> None:
    with open_page(language="en") as page:
        arrive(page)
        run = run_id(page)
        type_in(page, "20", '[data-lever="births"]')
        settled(page)
        assert run_id(page) != run
        assert not page.is_visible("#opening")


def test_the_drawer_of_a_phone(open_page: Open) -> None:
    with open_page(language="en", viewport={"width": 360, "height": 740}, has_touch=True) as page:
        arrive(page)
        assert not page.is_visible("#levers")
        page.click("[data-levers-open]")
        assert page.is_visible("#levers")
        assert page.evaluate("document.activeElement.id") == "levers-title"
        type_in(page, "-10")
        settled(page)
        assert page.is_visible(f"{LEVER} .lever__field")
        page.keyboard.press("Escape")
        assert not page.is_visible("#levers")
        assert page.evaluate("document.activeElement.hasAttribute('data-levers-open')")
        assert page.locator("[data-levers-open]").inner_text().split() == ["Levers", "1"]
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_without_a_script_the_form_says_the_same(open_page: Open) -> None:
    with open_page(language="en") as page:
        arrive(page, f"{OUTLOOK}?place=hmr&work_processes=-10")
        sentence = beds(page)
    with open_page(language="en", java_script_enabled=False) as page:
        page.goto(OUTLOOK)
        page.select_option("#choice-place", "hmr")
        page.fill(f"{LEVER} .lever__field", "-10")
        page.click(".levers__show button")
        assert query(page) == {"place": "hmr", "work_processes": "-10", "whole": "1"}
        assert beds(page) == sentence
        assert page.locator("#result-table").is_visible()
        page.click(f"{LEVER} [data-back]")
        assert "work_processes" not in page.url


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing(open_page: Open, language: str, width: int) -> None:
    script = pytest.importorskip("axe_playwright_python.base", reason="axe is not installed").AXE_SCRIPT
    with open_page(language=language, viewport={"width": width, "height": 800}) as page:
        arrive(page, f"{OUTLOOK}?service=SOM&work_processes=-10")
        page.evaluate(script)
        assert page.evaluate(RUN, TAGS) == []
        if width == 360:
            page.click("[data-levers-open]")
            assert page.evaluate(RUN, TAGS) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert re.search(r"2025.*2040", beds(page))
