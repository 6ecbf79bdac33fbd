"""A walk by keys alone: everything is reached in reading order, focus is seen, nothing holds one fast."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

PAGES = [
    ("anonymous", "/"),
    ("anonymous", "/plan/"),
    ("anonymous", "/plan/rup-2027/"),
    ("anonymous", "/goals/"),
    ("anonymous", "/goals/rup-2027.s1.g1/"),
    ("anonymous", "/indicators/"),
    ("anonymous", "/measures/"),
    ("anonymous", "/outlook/"),
    ("anonymous", "/search/?q=beredskap"),
    ("anonymous", "/login/"),
    ("editor", "/goals/rup-2027.s1.g1/decide/"),
    ("editor", "/plan/rup-2027/edit/rup-2027.s1.g1/text/"),
    ("administrator", "/people/"),
]

# What a key can reach, in the order of the page; of a group of radio buttons one, of the places of a map one: inside the
# group it is the arrow keys that walk.
REACHABLE = """() => {
  const wanted = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]";
  const group = (one) => one.type === "radio"
    ? [...document.querySelectorAll("input[type=radio]")].filter((it) => it.name === one.name && it.form === one.form)
    : one.matches(".framsyn-place") ? [...one.ownerSVGElement.querySelectorAll(".framsyn-place")] : [one];
  const found = [...document.querySelectorAll(wanted)].filter((one) =>
    !one.disabled && one.tabIndex >= 0 && one.checkVisibility({visibilityProperty: true}) && group(one)[0] === one);
  found.forEach((one, place) => group(one).forEach((other) => (other.dataset.place = place)));
  return found.map((one) => one.outerHTML.slice(0, 120));
}"""

# The explorer asks for the last of its blocks once it stands: then every stop is there.
WHOLE = """() => !document.querySelector("#results") || (document.querySelector("#result-table")
  && document.querySelector("#results").ariaBusy === "false" && !document.querySelector("#results-later[data-before]"))"""

# Where each press leads: the place in that order, whether a mark of focus is drawn, whether it stands in the window.
LISTEN = """() => {
  const scrolled = (one) => (one ? one.scrollTop + scrolled(one.parentElement) : 0);
  window.walked = [];
  document.addEventListener("focusin", (event) => {
    const one = event.target, box = one.getBoundingClientRect();
    const outlined = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
    const drawn = (style) => outlined(style) || style.boxShadow !== "none";
    // A card whose whole surface is one link shows the focus of that link by its own border.
    const marks = [one, one.closest(".card--link")].filter(Boolean);
    const marked = marks.some((mark) => [null, "::before", "::after"].some((part) => drawn(getComputedStyle(mark, part))));
    window.walked.push({
      place: Number(one.dataset.place ?? -1),
      marked,
      seen: box.width > 0 && box.height > 0 &&
        box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
      left: box.left, right: box.right, top: box.top + scrolled(one), bottom: box.bottom + scrolled(one),
    });
  });
}"""


@pytest.mark.parametrize(("reader", "address"), PAGES)
def test_a_walk_reaches_everything_in_reading_order(
    open_page: Callable[..., Any], reader: str, address: str
) -> None:
    with open_page(reader) as page:
        page.goto(address)
        page.wait_for_function(WHOLE, timeout=60_000)
        page.evaluate("document.activeElement.blur(), getSelection().collapse(document.body, 0)")
        expected = page.evaluate(REACHABLE)
        page.evaluate(LISTEN)
        assert 10 < len(expected) < 600
        if page.locator("[autofocus]").count():  # the walk began in the field; go back to the top of the page
            page.locator("a.skip").focus()
        dates = page.locator(
            "input[type=date]"
        ).count()  # day, month, year and calendar are stops of their own
        for _ in range(len(expected) + 4 * dates):
            page.keyboard.press("Tab")
            if page.evaluate("Number(document.activeElement.dataset.place)") == len(expected) - 1:
                break
        walked = page.evaluate("window.walked")
    assert "skip" in expected[0]
    places = [step["place"] for step in walked]
    lost = [expected[place] for place in range(len(expected)) if place not in places]
    assert not lost, f"never reached: {lost[:5]}"
    assert places == list(range(len(expected))), "the order of the keys is not the order of the page"
    assert [expected[step["place"]] for step in walked if not step["marked"]] == []
    assert [expected[step["place"]] for step in walked if not step["seen"]] == []
    back = [
        (expected[old["place"]], expected[new["place"]])
        for old, new in pairwise(walked[1:])  # the skip link lies where it likes
        if new["bottom"] <= old["top"] and new["left"] < old["right"] and new["right"] > old["left"]
    ]
    assert back == [], "focus jumps upwards in a column"


@pytest.mark.parametrize("address", ["/", "/outlook/"])
def test_arrow_keys_reach_every_place_of_a_map(open_page: Callable[..., Any], address: str) -> None:
    with open_page() as page:
        page.goto(address)
        page.wait_for_function(WHOLE, timeout=60_000)
        places = (
            page.locator("svg:visible")
            .filter(has=page.locator(".framsyn-place"))
            .first.locator(".framsyn-place")
        )
        expected = places.evaluate_all("(links) => links.map((one, place) => (one.dataset.number = place))")
        assert len(expected) > 50
        reached, ahead = {0}, [0]
        while ahead:
            start = ahead.pop()
            for arrow in ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"):
                places.nth(start).focus()
                page.keyboard.press(arrow)
                now = int(page.evaluate("document.activeElement.dataset.number"))
                if now not in reached:
                    reached.add(now)
                    ahead.append(now)
        assert [place for place in expected if place not in reached] == []
        assert places.evaluate_all("(links) => links.filter((one) => one.tabIndex >= 0).length") == 1


def test_the_first_key_skips_to_the_content(open_page: Callable[..., Any]) -> None:
    with open_page() as page:
        page.goto("/goals/")
        page.keyboard.press("Tab")
        skip = page.locator("a.skip")
        assert page.evaluate("document.activeElement.matches('a.skip')")
        box = skip.bounding_box()
        assert box["x"] >= 0
        assert box["y"] >= 0
        assert box["height"] > 20
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        page.keyboard.press("Tab")
        assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_a_slash_goes_to_the_search_which_finds(open_page: Callable[..., Any]) -> None:
    with open_page() as page:
        page.goto("/goals/")
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "site-search"
        page.keyboard.type("beredskap/øvelse")  # a slash within the words is a slash
        assert page.input_value("#site-search") == "beredskap/øvelse"
        page.fill("#site-search", "beredskap")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search/?q=beredskap")
        assert page.locator(".hits li").count() > 0


def test_folds_open_and_shut_with_a_key(open_page: Callable[..., Any]) -> None:
    with open_page() as page:
        page.goto("/outlook/")
        fold = page.locator(".figure__ways details").first
        fold.locator("summary").focus()
        page.keyboard.press("Enter")
        assert fold.locator("table").is_visible()
        page.keyboard.press("Tab")  # what has opened can be scrolled by keys
        assert page.evaluate("document.activeElement.matches('.framsyn-scroll')")
        fold.locator("summary").focus()
        page.keyboard.press("Space")
        assert not fold.locator("table").is_visible()


def test_the_year_of_the_map_moves_by_keys(open_page: Callable[..., Any]) -> None:
    with open_page() as page:
        page.goto("/")
        slider = page.locator(".years input[type=range]")
        slider.focus()
        last = page.locator(".years output").inner_text()
        assert page.locator(".years__item:visible").get_attribute("data-year") == last
        page.keyboard.press("ArrowLeft")
        earlier = page.locator(".years output").inner_text()
        assert int(earlier) < int(last)
        assert page.locator(".years__item:visible").get_attribute("data-year") == earlier
        assert slider.get_attribute("aria-valuetext") == earlier
        page.keyboard.press("End")
        assert page.locator(".years output").inner_text() == last


def test_the_menu_of_a_phone_opens_and_shuts_by_keys(open_page: Callable[..., Any]) -> None:
    with open_page(viewport={"width": 360, "height": 740}) as page:
        page.goto("/goals/")
        opener = page.locator("[data-menu-open]")
        menu = page.locator("#menu")
        assert not menu.is_visible()
        for _ in range(5):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.matches('[data-menu-open]')"):
                break
        page.keyboard.press("Enter")
        assert menu.is_visible()
        assert opener.get_attribute("aria-expanded") == "true"
        inside = 0
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.querySelector('#menu').contains(document.activeElement)"):
                inside += 1
            elif inside:
                break
        assert inside >= 7  # every door and the search box
        opener.focus()
        page.keyboard.press("Escape")
        assert not menu.is_visible()
        assert page.evaluate("document.activeElement.matches('[data-menu-open]')")
