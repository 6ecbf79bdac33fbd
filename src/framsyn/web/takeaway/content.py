"""What a report of the view holds, in words and charts, before it becomes a document of some kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from framsyn.outlook.manifest import engine_version
from framsyn.report.words import word
from framsyn.scenario.levers import unsourced
from framsyn.web.explorer.results.key import key_figures
from framsyn.web.explorer.results.later import table_of
from framsyn.web.takeaway.charts import all_pictures
from framsyn.web.takeaway.citation import citation_text, licence_words, moved_levers
from framsyn.web.templatetags.texts import date as in_words

if TYPE_CHECKING:
    from framsyn.web.explorer.results.key import Figure
    from framsyn.web.explorer.results.later import Row
    from framsyn.web.explorer.results.render import Picture
    from framsyn.web.explorer.results.view import View

__all__ = ["Content", "content_of"]


@dataclass(frozen=True)
class Content:
    """All that a report of the view says.

    ``facts``, ``levers`` and ``assumptions`` are rows of words; ``heads`` the years of the table.
    """

    lang: str
    title: str
    lead: str
    facts: list[tuple[str, str]]
    first: int
    year: int
    figures: list[Figure]
    pictures: list[Picture]
    heads: list[int]
    rows: list[Row]
    levers: list[tuple[str, str, str]]
    assumptions: list[tuple[str, str, str]]
    certainty: str
    citation: str
    licence: str


def content_of(view: View, page: str) -> Content:
    """Gather what a report of the view says.

    Parameters
    ----------
    view : View
    page : str
        Whole address of the view.
    """
    heads, rows = table_of(view)
    facts = [
        (_("Place"), view.where),
        (_("Scenario"), view.scenario_name),
        (_("Year"), str(view.year)),
        (_("Run"), view.answer.id),
        (_("Draws"), str(view.answer.manifest["draws"])),
        (_("Made with"), f"Framsyn {engine_version()}"),
        (_("Day"), in_words(timezone.localdate())),
        (_("Address"), page),
    ]
    if view.compared is not None:
        facts.insert(2, (_("Held against"), view.compared.scenario.label[view.lang]))
    pictures = list(all_pictures(view).values())
    return Content(
        lang=view.lang,
        title=_("%(where)s, %(first)s to %(year)s")
        % {"where": view.where, "first": view.years[0], "year": view.year},
        lead=pictures[0].chart.title + "." if pictures else "",
        facts=facts,
        first=view.years[0],
        year=view.year,
        figures=key_figures(view),
        pictures=pictures,
        heads=heads,
        rows=rows,
        levers=moved_levers(view.state, view.lang),
        assumptions=assumption_rows(view),
        certainty=word("report.interval", view.lang),
        citation=citation_text(view, page),
        licence=licence_words(),
    )


def assumption_rows(view: View) -> list[tuple[str, str, str]]:
    """Return every assumption of the scenario: name, reason and source; one without source says so."""
    rows = []
    for assumption in view.answer.scenario.assumptions:
        source = assumption.source
        if unsourced(assumption):
            source = f"{source} ({_('the size is our own judgement')})"
        rows.append((assumption.label[view.lang], assumption.reason[view.lang], source))
    return rows
