"""The map of places in a browser: names under the pointer and on focus, arrow keys, a click, and a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

MAP = "svg.framsyn-chart[role=group]:visible"


def test_a_municipality_tells_its_name_and_leads_to_its_page(open_page: Callable[..., Any]) -> None:
    with open_page(language="en") as page:
        page.goto("/places/")
        roros = page.locator(f"{MAP} a.framsyn-place[href$='/places/5025/']")
        name = roros.locator(".framsyn-name")
        assert name.evaluate("node => getComputedStyle(node).visibility") == "hidden"
        roros.locator("path").hover()
        assert name.evaluate("node => getComputedStyle(node).visibility") == "visible"
        assert "Røros" in name.text_content()
        roros.locator("path").click()
        page.wait_for_url("**/places/5025/")
        assert page.noise == []


def test_the_map_is_one_stop_of_the_tab_key_and_arrows_walk_in_it(open_page: Callable[..., Any]) -> None:
    with open_page(language="en") as page:
        page.goto("/places/")
        first = page.locator(f"{MAP} a.framsyn-place").first
        first.focus()
        here = "document.activeElement.getAttribute('href')"
        seen = [page.evaluate(here)]
        for key in ("ArrowRight", "ArrowRight", "ArrowUp", "ArrowUp", "ArrowRight"):
            page.keyboard.press(key)
            seen.append(page.evaluate(here))
        assert len(set(seen)) >= 5
        name = page.evaluate_handle("document.activeElement.querySelector('.framsyn-name')")
        assert name.evaluate("node => getComputedStyle(node).visibility") == "visible"
        page.keyboard.press("Tab")
        assert not page.evaluate("document.activeElement.matches('.framsyn-place')")
        page.keyboard.press("Shift+Tab")
        assert page.evaluate(here) == seen[-1]
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{seen[-1]}")


@pytest.mark.parametrize(
    "address", ["/places/", "/places/5025/", "/places/hospital-alesund/", "/outlook/strongest/"]
)
def test_a_phone_holds_the_page(open_page: Callable[..., Any], address: str) -> None:
    with open_page(language="nb", viewport={"width": 360, "height": 740}) as page:
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_places_are_found_without_script(open_page: Callable[..., Any]) -> None:
    with open_page(language="en", java_script_enabled=False) as page:
        page.goto("/places/")
        page.get_by_label("Name or number").fill("Raarvihke")
        page.get_by_role("button", name="Find").click()
        page.get_by_role("link", name="Raarvihke – Røyrvik").first.click()
        assert page.get_by_role("heading", level=1).inner_text() == "Raarvihke – Røyrvik"
