"""A long form is kept while it is written, asks before it is left, and offers what was kept when it is opened again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

FORM = "/measures/home-hospital/edit/"
BOX = "textarea[name=text_nb]"
SAYS = "[data-draft-says]"


def test_what_is_typed_is_kept_and_offered_again(open_page: Callable[..., Any]) -> None:
    with open_page("editor", language="en") as page:
        page.goto(FORM)
        asked: list[str] = []
        page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
        page.locator(BOX).press_sequentially(" Halvferdig")
        page.close(run_before_unload=True)  # before it is kept: asked, and stays
        page.wait_for_function(
            "selector => document.querySelector(selector).textContent.startsWith('Saved as your draft')",
            arg=SAYS,
        )
        assert asked == ["beforeunload"]
        page.goto(FORM)  # kept by now: nothing is asked
        assert asked == ["beforeunload"]
        assert "Halvferdig" not in page.locator(BOX).input_value()
        page.get_by_role("link", name="Take it up").click()
        assert "Halvferdig" in page.locator(BOX).input_value()
        page.get_by_role("button", name="Throw it away").click()
        page.wait_for_url(f"**{FORM}")
        assert page.get_by_role("link", name="Take it up").count() == 0
        assert page.noise == []
