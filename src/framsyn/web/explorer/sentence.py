"""One sentence that says aloud what a sighted reader sees first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framsyn.report.fan_data import FanData
from framsyn.web.explorer.results.view import View

if TYPE_CHECKING:
    from framsyn.outlook.result import Outlook
    from framsyn.web.explorer.state import State

__all__ = ["beds_sentence"]


def beds_sentence(answer: Outlook, state: State, lang: str) -> str:
    """Say how the beds change up to the year on view, and how sure that is: the text of the chart of beds."""
    view = View(answer, None, state, lang, narrow=False)
    bands = view.bands("beds")
    if bands is None:
        return ""
    about = view.about(view.what("beds"), view.unit_of("beds"))
    fan = FanData.of_bands(view.years, bands, about, name="explorer-said", focus=view.year)
    return fan.describe("")
