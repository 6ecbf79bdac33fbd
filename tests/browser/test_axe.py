"""Every page in every language: WCAG 2.1 A and AA as axe sees it, in a real browser, with nothing in the console."""

from __future__ import annotations

from typing import Any

import pytest
from axe_rules import RUN, TAGS
from site_pages import GONE, Page, Site

# What nobody may see differently by role is looked at once; these as those see them who may change something.
ALSO_AS_EDITOR = (
    "plan",
    "goal",
    "indicator",
    "measure",
    "theme",
    "element",
    "goals",
    "indicators",
    "measures",
    "plans",
)


def look(page: Any, script: str, address: str) -> list[str]:
    """Return what axe and the console find at an address."""
    page.noise.clear()
    response = page.goto(address, wait_until="load")
    if response.status not in (200, *GONE):
        return [f"status {response.status}"]
    page.evaluate(script)
    found = page.evaluate(RUN, TAGS)
    noise = [line for line in page.noise if not (response.status in GONE and str(response.status) in line)]
    return found + [f"console: {line}" for line in noise]


def test_every_route_is_reached(explored: Site) -> None:
    assert explored.refused == {}
    assert explored.unseen == set()


def test_a_fault_is_noticed(visitor: Any) -> None:
    script = pytest.importorskip("axe_playwright_python.base", reason="axe is not installed").AXE_SCRIPT
    with visitor.page() as tab:
        assert look(tab, script, "/privacy/") == []
        tab.evaluate("document.querySelector('main p').style.color = '#bbb'")
        tab.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<input>')")
        found = " ".join(tab.evaluate(RUN, TAGS))
        assert "color-contrast" in found
        assert "label" in found
        tab.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\"></p>')")
        tab.wait_for_function("() => document.querySelector('p[style]')")
        assert any("Content Security Policy" in line for line in tab.noise)


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_every_page_passes_axe_and_is_quiet(visitor: Any, explored: Site, language: str) -> None:
    script = pytest.importorskip("axe_playwright_python.base", reason="axe is not installed").AXE_SCRIPT
    faults = {}
    more = [
        Page(page.route, page.address, "editor")
        for page in explored.pages
        if language == "nb" and page.reader == "anonymous" and page.route in ALSO_AS_EDITOR
    ]
    pages = [*explored.pages, *more]
    assert len(pages) > 30
    for reader in sorted({page.reader for page in pages}):
        with visitor.page(reader, language) as tab:
            for one in pages:
                if one.reader == reader and (found := look(tab, script, one.address)):
                    faults[str(one)] = found
    assert not faults, "\n".join(f"{page}\n    " + "\n    ".join(found) for page, found in faults.items())
