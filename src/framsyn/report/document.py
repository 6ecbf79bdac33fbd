"""The report as one HTML file per language: charts, style and words inside, no script, nothing fetched from a network."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from framsyn.outlook.manifest import engine_version
from framsyn.report.blocks import Figure, Section
from framsyn.report.numbers import LANGUAGES, check_language
from framsyn.report.sections import chapters
from framsyn.report.sections.summary import headline
from framsyn.report.words import word

if TYPE_CHECKING:
    from framsyn.report.evidence import Evidence

__all__ = ["LANGUAGE_NAMES", "render_report", "report_name"]

LANGUAGE_NAMES = {"nb": "Bokmål", "nn": "Nynorsk", "en": "English"}


def report_name(lang: str) -> str:
    """File name of the report in a language.

    >>> report_name("nn")
    'report.nn.html'
    """
    return f"report.{check_language(lang)}.html"


@cache
def environment() -> Environment:
    """Templates of the report; everything is escaped, and a missing value is an error."""
    return Environment(
        loader=PackageLoader("framsyn.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render_report(
    evidence: Evidence,
    lang: str,
    languages: Sequence[str] = LANGUAGES,
    sections: Sequence[Section] | None = None,
) -> str:
    """Write the report in one language.

    Parameters
    ----------
    evidence : Evidence
    lang : str
    languages : sequence of str
        Languages that lie beside it, for the links between them.
    sections : sequence of Section, optional
        Chapters that are made already.

    Returns
    -------
    str
        A whole HTML document.
    """
    check_language(lang)
    made = list(sections) if sections is not None else chapters(evidence, lang)
    charts = [block.chart for section in made for block in section.all_blocks() if isinstance(block, Figure)]
    css = resources.files("framsyn.report").joinpath("templates/report.css").read_text(encoding="utf-8")
    region = evidence.outlook.region.label[lang]
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            lang=lang,
            w=lambda key, **values: word(key, lang, **values),
            title=word("page.title", lang, region=region, year=evidence.last),
            subtitle=word(
                "page.subtitle",
                lang,
                scenario=evidence.outlook.scenario.label[lang],
                baseline=evidence.baseline.scenario.label[lang],
            ),
            sentence=headline(evidence, lang),
            version=engine_version(),
            run_id=evidence.outlook.id,
            css=Markup(css),
            languages=[(code, LANGUAGE_NAMES[code], report_name(code)) for code in languages],
            sections=made,
            figures={chart.name: Markup(chart.html_figure()) for chart in charts},
        )
    )
