"""Five questions that a newcomer brings, each answered in under a minute with nothing but what the pages show.

Nobody types an address here: every step goes by a label, a heading or a link that can be read or heard. Before the clock
starts the site is warm, as it is for everybody but the first visitor after a start.
"""

from __future__ import annotations

import csv
import io
import re
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

MINUTE = 60.0


@pytest.fixture(scope="module")
def warm(visitor: Any) -> None:
    """Wait until the levers answer."""
    with visitor.page(language="en") as page:
        page.goto("/outlook/")
        page.wait_for_function(
            "() => !document.querySelector('main').innerText.includes('being projected')", timeout=120_000
        )


@contextmanager
def newcomer(open_page: Callable[..., Any]) -> Iterator[Any]:
    """Give the home page to somebody who has never been here, and a minute."""
    with open_page(language="en", accept_downloads=True) as page:
        page.goto("/")
        began = time.monotonic()
        yield page
        assert time.monotonic() - began < MINUTE
        assert [
            line for line in page.noise if "ERR_ABORTED" not in line
        ] == []  # pages that were left while they loaded


def to_the_outlook(page: Any) -> None:
    page.get_by_role("navigation").get_by_role("link", name="Where are we going?").first.click()
    page.get_by_role("heading", level=1).wait_for()


def told(page: Any, pattern: str) -> re.Match[str]:
    """Wait for a sentence of the page, and return it."""
    text = page.locator("main")
    page.wait_for_function(
        "(pattern) => new RegExp(pattern).test(document.querySelector('main').innerText)", arg=pattern
    )
    found = re.search(pattern, text.inner_text())
    assert found is not None
    return found


def test_how_many_beds_does_alesund_need_in_2035_if_stays_fall_by_ten_percent(
    open_page: Callable[..., Any], warm: None
) -> None:
    with newcomer(open_page) as page:
        to_the_outlook(page)
        page.get_by_label("Area", exact=True).select_option(label="Hospital area of Ålesund")
        page.get_by_label("Service area").select_option(label="Somatic care")
        year = page.get_by_role("slider", name="Year", exact=True)
        year.focus()
        for _step in range(5):
            year.press("ArrowLeft")
        before = told(page, r"Beds that residents use, somatic care: .*? to (\d+) in 2035")
        stays = page.get_by_role("spinbutton", name="How long people stay in hospital")
        stays.fill("-10")
        stays.press("Enter")
        page.wait_for_url("**work_processes=-10*")
        page.wait_for_function(
            "(old) => !document.querySelector('main').innerText.includes(old)", arg=before.group(0)
        )
        after = told(
            page, r"Beds that residents use, somatic care: .*? to (\d+) in 2035.*?between (\d+) and (\d+)"
        )
        beds, low, high = map(int, after.groups())
        assert low <= beds <= high
        assert beds < int(before.group(1))
        # Nobody takes it for beds that stand in Ålesund.
        assert "residents" in after.group(0)


def test_which_lever_frees_most_nurses(open_page: Callable[..., Any], warm: None) -> None:
    with newcomer(open_page) as page:
        to_the_outlook(page)
        page.get_by_role("link", name="Which lever does most?").click()
        assert page.get_by_label("For", exact=True).input_value() == "nurses"
        rows = page.get_by_role("table", name=re.compile("All levers that help")).get_by_role("row")
        rows.first.wait_for()
        gains = [
            float(rows.nth(number).get_by_role("cell").last.inner_text().replace(",", ""))
            for number in range(1, rows.count())
        ]
        assert len(gains) > 5
        assert gains == sorted(gains, reverse=True)
        strongest = rows.nth(1).get_by_role("link")
        name = strongest.inner_text()
        assert f"“{name}” does most" in page.locator("main").inner_text()
        strongest.click()  # and there it is moved
        page.wait_for_url("**/outlook/?*")
        moved = page.get_by_role("spinbutton", name=name, exact=True)
        assert float(moved.input_value()) != 0


def test_will_the_region_meet_a_goal_and_which_measures_lift_it(open_page: Callable[..., Any]) -> None:
    with newcomer(open_page) as page:
        page.get_by_role("link", name="Goals", exact=True).first.click()
        page.get_by_role("link", name="Can we reach it?").first.click()
        page.get_by_role("heading", level=1, name="Can we reach it?").wait_for()
        row = page.get_by_role("row").filter(has_text="Improve the economy").first
        assert re.search(r"\d+ of 10|draws?|\d+%", row.inner_text())
        row.get_by_role("link").first.click()
        page.wait_for_url("**/reach/**")
        text = page.locator("main").inner_text()
        assert "Without the plan’s measures" in text
        assert "With all measures" in text
        # Which measures lift it: they are named, or it is said that none does.
        named = page.locator("main a[href*='/measures/']").count()
        assert named or "No measure of the plan moves this indicator in the model." in text


def test_what_does_the_plan_mean_for_roros(open_page: Callable[..., Any]) -> None:
    with newcomer(open_page) as page:
        search = page.get_by_role("searchbox").first
        search.fill("Røros")
        search.press("Enter")
        page.get_by_role("link", name=re.compile("Rosse – Røros")).first.click()
        assert page.get_by_role("heading", level=1).inner_text() == "Rosse – Røros"
        people = re.search(
            r"Røros had ([\d,]+) inhabitants on 1 January 2025", page.locator("main").inner_text()
        )
        assert people is not None
        assert people.group(1) == "5,681"
        plan = page.get_by_role("region", name="What the plans mean here")
        assert plan.get_by_role("link").count() > 3
        assert "St. Olavs hospital answers for" in plan.inner_text()
        assert "Not known locally." in page.locator("main").inner_text()


def test_take_the_picture_and_the_numbers_of_need_in_mental_health_care_home(
    open_page: Callable[..., Any], warm: None
) -> None:
    with newcomer(open_page) as page:
        to_the_outlook(page)
        page.get_by_label("Service area").select_option(label="Mental health care for adults")
        page.wait_for_url("**service=PHV*")
        page.get_by_role("link", name="Take it with you").click()
        row = (
            page.get_by_role("row").filter(has_text=re.compile("^Need, mental health care for adults")).first
        )
        with page.expect_download() as picture:
            row.get_by_role("link", name=re.compile("^SVG")).click()
        drawn = picture.value.path().read_text(encoding="utf-8")
        assert "Need, mental health care for adults" in drawn
        assert re.search("Source: Framsyn, run [0-9a-f]{16}", " ".join(re.findall(">([^<]+)<", drawn)))
        with page.expect_download() as sheet:
            row.get_by_role("link", name=re.compile("^xlsx")).click()
        with zipfile.ZipFile(sheet.value.path()) as book:
            assert "run" in b"".join(book.read(name) for name in book.namelist()).decode("utf-8", "ignore")
        with page.expect_download() as table:
            row.get_by_role("link", name=re.compile("^csv")).click()
        rows = list(csv.reader(io.StringIO(table.value.path().read_text(encoding="utf-8-sig"))))
        assert len(rows) > 10
