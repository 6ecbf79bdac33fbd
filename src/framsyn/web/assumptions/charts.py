"""Charts of a card: what the size may be, and how it comes over the years."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from django.utils.translation import gettext as _

from framsyn.report.charts import About, fan_of
from framsyn.report.sections.assumptions import course
from framsyn.report.size_charts import size_chart
from framsyn.report.words import word
from framsyn.scenario.sizes import product_values
from framsyn.web.assumptions.subjects import said, unit_words
from framsyn.web.explorer.known import region_on_view

if TYPE_CHECKING:
    from framsyn.report.figure import Chart
    from framsyn.scenario import Distribution, Scenario
    from framsyn.web.assumptions.subjects import Subject

__all__ = ["course_of", "spread_of"]

LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
LAST = 2040


def sizes_of(one: Subject) -> tuple[Distribution, Distribution]:
    """Return what is uncertain of a subject: the scenario's own sizes, or the range that the lever knows."""
    a = one.assumption
    own = any(size.reach[0] != size.reach[1] for size in (a.effect, a.realisation))
    if (not one.held or not own) and one.lever is not None:
        return one.lever.behind, one.lever.template.realisation
    return a.effect, a.realisation


def about_of(one: Subject, scenario: Scenario, lang: str) -> About:
    """Return the words below the title of a chart."""
    return About(
        one.label(lang),
        unit_words(one.unit, lang),
        region_on_view().label[lang],
        f"Framsyn, {word('about.scenario', lang, name=scenario.label[lang])}",
        lang,
    )


def spread_of(one: Subject, scenario: Scenario, lang: str) -> Chart | None:
    """Draw what the size may be; nothing where it is one value."""
    if one.is_sure:
        return None
    values = product_values(*sizes_of(one)) * one.factor
    return size_chart(
        values,
        about_of(one, scenario, lang),
        name=f"size-{one.name.replace('_', '-')}",
        centre=one.value if one.held else None,
    )


def course_of(one: Subject, scenario: Scenario, lang: str) -> Chart | None:
    """Draw how the size comes over the years, with its bands; nothing for an assumption that the scenario lacks."""
    a = one.assumption
    if not one.held or (one.value == 0 and one.is_sure):
        return None
    region = region_on_view()
    last = max(LAST, scenario.headline.until)
    years = list(range(region.base_year, last + 1))
    sizes = np.quantile(product_values(a.effect, a.realisation) * one.factor, LEVELS)
    sizes[2] = a.effect.central * a.realisation.central * one.factor  # as the central run has it
    sizes = np.sort(sizes)
    bands = sizes[:, None] * a.profile.at(years)[None, :]
    title = _("%(what)s: %(course)s, to %(value)s in %(year)s") % {
        "what": one.label(lang),
        "course": course(a, lang),
        "value": said(one, float(bands[2, -1]), lang),
        "year": last,
    }
    return fan_of(
        years,
        bands,
        about_of(one, scenario, lang),
        name=f"course-{one.name.replace('_', '-')}",
        title=title,
        zero=True,
    )
