"""The tutorial of the site, followed to the letter: every step is read from the page that people read."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tutorial" / "your-first-goal.md"
ADDRESS = "http://127.0.0.1:8000"
PLACE = r"\*\*(?P<place>[^*]+)\*\*"
FORMS = (
    re.compile(r"(?P<verb>Go to|Read) `(?P<value>[^`]+)`\.?"),
    re.compile(rf"(?P<verb>Follow|Press|Open|Tick) {PLACE}\.?"),
    re.compile(rf"(?P<verb>Write|Choose) `(?P<value>[^`]+)` in {PLACE}\."),
)


class Step(NamedTuple):
    """One instruction of the page."""

    verb: str
    value: str
    place: str


def steps() -> list[Step]:
    """Return the numbered lines of the tutorial as instructions; one that is none is a fault of the page."""
    found = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if numbered := re.match(r"\d+\. (.+)$", line):
            told = next((form.fullmatch(numbered[1]) for form in FORMS if form.fullmatch(numbered[1])), None)
            assert told, f"no instruction that can be followed: {line}"
            parts = told.groupdict()
            found.append(Step(parts["verb"], parts.get("value") or "", parts.get("place") or ""))
    return found


def field(page: Any, name: str) -> Any:
    """Return the control with a label, or the first one (the page's language) of a fieldset with that legend."""
    start = re.compile(rf"^\s*{re.escape(name)}\s*(\(|$)")
    label = page.locator("main label:visible").filter(has_text=start)
    if label.count():
        return page.locator(f"[id='{label.first.get_attribute('for')}']")
    group = page.locator("main fieldset:visible").filter(has=page.locator("legend").filter(has_text=start))
    return group.locator("input, textarea, select").first


def follow(page: Any, step: Step) -> None:
    """Do what one instruction says."""
    main = page.locator("main")
    if step.verb == "Go to":
        page.goto(step.value.removeprefix(ADDRESS))
    elif step.verb == "Read":
        said = " ".join(main.inner_text().replace("\u00a0", " ").replace("\u202f", " ").split())
        assert step.value in said, f"the page does not say {step.value!r}: {said[:600]}"
    elif step.verb == "Follow":
        ends = re.compile(rf"(^|\s){re.escape(step.place)}$")  # a number or an icon may stand before it
        ways = [
            where.get_by_role("link", name=name, exact=True)
            for name in (step.place, ends)
            for where in (main, page)
        ]
        next((way for way in ways if way.count()), ways[1]).first.click()
        page.wait_for_load_state()
    elif step.verb == "Press":
        main.get_by_role("button", name=step.place, exact=True).first.click()
        page.wait_for_load_state()
        assert not page.locator(".error-summary").count(), page.locator(".error-summary").inner_text()
    elif step.verb == "Open":
        main.locator("summary").filter(has_text=step.place).first.click()
    elif step.verb == "Write":
        field(page, step.place).fill(step.value)
    elif step.verb == "Choose":
        control = field(page, step.place)
        labels = control.locator("option").all_inner_texts()
        wanted = [
            label
            for label in labels
            if re.search(rf"(^|\s){re.escape(step.value)}$", label.strip(), re.IGNORECASE)
        ]
        assert wanted, f"{step.place} does not offer {step.value!r} but {labels}"
        control.select_option(label=wanted[0])


def test_the_page_tells_steps() -> None:
    told = steps()
    assert len(told) > 40
    assert {step.verb for step in told} == {"Go to", "Follow", "Write", "Choose", "Press", "Open", "Read"}
    assert any(step.verb == "Go to" and step.value.startswith(ADDRESS) for step in told)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_the_tutorial_ends_with_a_goal_a_status_a_chart_and_a_measure(
    open_page: Callable[..., Any], scripts: bool
) -> None:
    began = time.monotonic()
    with open_page(java_script_enabled=scripts) as page:
        for step in steps():
            follow(page, step)
        assert page.noise == []
        verdict = page.locator(".verdict").inner_text()
        assert "66" in verdict
        assert "80" in verdict
        assert page.locator("main .status").first.is_visible()
        assert page.locator("figure.figure svg[role=img]:visible").count() >= 1
        fold = page.locator("figure.figure .figure__ways details").first
        fold.locator("summary").click()
        table = fold.locator("table").inner_text()
        assert [year for year in ("2023", "2024", "2025") if year not in table] == []
        # The drawing of the red thread names it too.
        listed = page.locator("section[aria-labelledby=measures] a[href^='/measures/']")
        assert listed.filter(has_text="A name on every letter").count() == 1
    assert time.monotonic() - began < 300  # of the ten minutes, the half is for reading
