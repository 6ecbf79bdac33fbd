"""Narrow windows, large letters, forced colours, paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from site_pages import Site

# What sticks out of the window to the right, outside boxes that scroll by themselves.
STICKS_OUT = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  const own = (one) => /(auto|scroll|hidden|clip)/.test(getComputedStyle(one).overflowX);
  const scrolls = (one) => one && (own(one) || scrolls(one.parentElement));
  const out = [...document.body.querySelectorAll("*")].filter((one) =>
    one.getBoundingClientRect().right > wide + 1 && !scrolls(one.parentElement));
  return [`${document.documentElement.scrollWidth} > ${wide}`, ...out.slice(-3).map((one) => one.outerHTML.slice(0, 140))];
}"""


def too_wide(visitor: Any, explored: Site, letters: str = "", **options: Any) -> dict[str, list[str]]:
    """Return what sticks out on any page."""
    found = {}
    for reader in sorted({page.reader for page in explored.pages}):
        with visitor.page(reader, **options) as tab:
            for one in explored.pages:
                if one.reader != reader:
                    continue
                tab.goto(one.address)
                if letters:
                    tab.evaluate("(size) => { document.documentElement.style.fontSize = size; }", letters)
                if out := tab.evaluate(STICKS_OUT):
                    found[str(one)] = out
    return found


def test_what_sticks_out_is_noticed(open_page: Callable[..., Any]) -> None:
    with open_page(viewport={"width": 320, "height": 640}) as page:
        page.goto("/privacy/")
        assert page.evaluate(STICKS_OUT) == []
        page.evaluate("document.querySelector('main h1').style.width = '400px'")
        assert "<h1" in page.evaluate(STICKS_OUT)[-1]


def test_no_page_scrolls_sideways_at_320_pixels(visitor: Any, explored: Site) -> None:
    assert too_wide(visitor, explored, viewport={"width": 320, "height": 640}) == {}


def test_no_page_scrolls_sideways_at_200_percent(visitor: Any, explored: Site) -> None:
    # A window of 1280 pixels at 200 % has 640 of the page's own.
    options = {"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2}
    assert too_wide(visitor, explored, **options) == {}


def test_no_page_scrolls_sideways_with_letters_twice_as_large(visitor: Any, explored: Site) -> None:
    assert too_wide(visitor, explored, letters="200%", viewport={"width": 1280, "height": 900}) == {}


SHAPES = """() => [...document.querySelectorAll("main svg.shape, main .status svg, main .badge svg")].map((svg) => {
  const ground = (one) => {
    const colour = getComputedStyle(one).backgroundColor;
    return /rgba\\(.*, 0\\)|transparent/.test(colour) && one.parentElement ? ground(one.parentElement) : colour;
  };
  const inks = [...svg.querySelectorAll("*")].flatMap((part) => {
    const style = getComputedStyle(part);
    return [style.fill, style.stroke];
  }).filter((colour) => colour !== "none");
  return {ground: ground(svg.parentElement), inks, visible: svg.checkVisibility(), width: svg.getBoundingClientRect().width};
}).filter((one) => one.visible)"""


def test_status_shapes_are_seen_in_forced_colours(open_page: Callable[..., Any]) -> None:
    with open_page(forced_colors="active") as page:
        for address in ("/", "/goals/", "/measures/"):
            page.goto(address)
            shapes = page.evaluate(SHAPES)
            assert len(shapes) >= 4, address
            unseen = [one for one in shapes if one["width"] < 8 or set(one["inks"]) <= {one["ground"]}]
            assert unseen == [], address


def test_the_plan_on_paper_has_its_text_and_no_navigation(open_page: Callable[..., Any]) -> None:
    with open_page() as page:
        for address in ("/plan/rup-2027/", "/plan/rup-2027/v1/print/"):
            page.goto(address)
            goals = page.locator(
                "main article h3, main article h4, main article h5, main h3"
            ).all_inner_texts()
            assert len(goals) > 40
            page.emulate_media(media="print")
            text = page.inner_text("body")
            assert [goal for goal in goals if " ".join(goal.split()) not in " ".join(text.split())] == []
            assert not page.locator("header.site-head nav").first.is_visible()
            assert page.locator("main nav:visible, nav.breadcrumb:visible, form:visible").count() == 0
            paper = page.pdf(format="A4")
            assert paper.startswith(b"%PDF-")
            assert len(re.findall(rb"/Type\s*/Page\b", paper)) >= 5
            page.emulate_media(media="screen")
