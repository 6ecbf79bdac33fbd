"""The site with scripts turned off: pictures with their tables, the menu, logging in, a change and its undoing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from site_pages import Site


@pytest.fixture
def plain_page(open_page: Callable[..., Any]) -> Callable[..., Any]:
    """Return a context manager that gives a page where no script runs."""

    def give(reader: str = "anonymous", **options: Any) -> Any:
        return open_page(reader, java_script_enabled=False, **options)

    return give


def test_every_figure_is_a_picture_with_a_table(plain_page: Callable[..., Any], explored: Site) -> None:
    seen = 0
    with plain_page() as page:
        for one in explored.pages:
            if one.reader != "anonymous" or one.route not in (
                "home",
                "outlook",
                "goal",
                "indicator",
                "measure",
            ):
                continue
            page.goto(one.address)
            for figure in page.locator("figure.figure").all():
                if not figure.is_visible():
                    continue  # another year of the map
                drawing = figure.locator("svg.framsyn-chart:visible").first
                box = drawing.bounding_box()
                assert box["width"] > 200, one
                assert box["height"] > 100, one
                fold = figure.locator(".figure__ways details").first
                assert not fold.locator("table").first.is_visible()
                fold.locator("summary").click()
                assert fold.locator("table tr").count() > 1, one
                assert fold.locator("table").first.is_visible(), one
                seen += 1
    assert seen >= 8


def test_the_map_of_another_year_is_a_link_away(plain_page: Callable[..., Any]) -> None:
    with plain_page() as page:
        page.goto("/")
        shown = page.locator(".years__item:visible")
        assert shown.count() == 1
        year = shown.get_attribute("data-year")
        link = next(link for link in page.locator(".years__pick a").all() if link.inner_text() != year)
        wanted = link.inner_text()
        link.click()
        assert page.locator(".years__item:visible").get_attribute("data-year") == wanted


def test_the_menu_of_a_phone_works(plain_page: Callable[..., Any]) -> None:
    with plain_page(viewport={"width": 360, "height": 740}) as page:
        page.goto("/goals/")
        assert not page.locator("#menu").is_visible()
        page.locator("[data-menu-open]").click()
        assert page.locator("#menu").is_visible()
        page.locator("#menu a[href='/measures/']").click()
        page.wait_for_url("**/measures/")
        assert not page.locator("#menu").is_visible()


def test_a_change_is_made_and_undone(plain_page: Callable[..., Any], site: str) -> None:
    from framsyn.web.operations.demo import LOGINS

    login = next(login for login in LOGINS if login.role == "editor")
    with plain_page() as page:
        page.goto("/login/?next=/plan/rup-2027/edit/")
        page.fill("input[name=username]", login.username)
        page.fill("input[name=password]", "not the password")
        page.locator("main form button[type=submit]").click()
        assert page.locator("main [role=alert]").is_visible()
        page.fill("input[name=username]", login.username)
        page.fill("input[name=password]", login.password)
        page.locator("main form button[type=submit]").click()
        page.wait_for_url("**/plan/rup-2027/edit/")
        undo = page.locator("form[action$='/edit/undo/'] button")
        before = undo.inner_text()
        page.goto("/plan/rup-2027/edit/rup-2027.intro/text/")
        page.fill("input[name=title_nb]", "Om planen, kort")
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url("**/plan/rup-2027/edit/**")
        assert "Om planen, kort" in page.inner_text("main")
        assert "rup-2027.intro" in undo.inner_text()
        undo.click()
        assert "Om planen, kort" not in page.inner_text("section.paragraph[id='rup-2027.intro']")
        assert undo.inner_text() == before
        assert page.locator("form[action$='/edit/redo/'] button").is_enabled()


def test_a_goal_is_made(plain_page: Callable[..., Any]) -> None:
    with plain_page("editor") as page:
        page.goto("/goals/new/?plan=rup-2027")
        page.locator("main form button[type=submit]").click()
        assert page.locator(".error-summary").is_visible()
        page.fill("input[name=title_nb]", "Ventetiden går ned uten skript")
        page.locator("select[name=section]").select_option(index=2)
        page.locator("select[name=indicator]").select_option("bed-days-somatic-per-1000")
        page.locator("select[name=type], input[name=type][value=hold]").first.wait_for()
        if page.locator("select[name=type]").count():
            page.locator("select[name=type]").select_option("hold")
        else:
            page.check("input[name=type][value=hold]")
        page.locator("main form button[type=submit]").click()
        page.wait_for_url("**/goals/rup-2027.**")
        assert "Ventetiden går ned uten skript" in page.inner_text("h1")
        assert page.locator(".verdict").inner_text()
        assert page.locator("figure.figure svg:visible").count() > 0
