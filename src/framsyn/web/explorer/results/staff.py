"""Staff: what lacks or is to spare by profession in the year on view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from framsyn.region.arrays import PUBLISHED_PROFESSIONS, professions
from framsyn.report.bar_charts import bars_of
from framsyn.report.numbers import decimals_for, number
from framsyn.report.theme import GREY, MAIN
from framsyn.report.words import join, word
from framsyn.web.explorer.results.render import Note, Picture, Piece
from framsyn.web.explorer.results.series import HIGH, LOW, MEDIAN, Want
from framsyn.web.explorer.results.view import CLEAR, label_of

if TYPE_CHECKING:
    from framsyn.report.bar_charts import Bar
    from framsyn.web.explorer.results.view import View

__all__ = ["gap_sentence", "shown_professions", "staff"]


def shown_professions(view: View) -> list[str]:
    """Return the professions whose gap may be shown at the place."""
    return list(PUBLISHED_PROFESSIONS if view.place.kind == "trust" else professions(view.region))


def staff(view: View) -> Piece:
    """Gap in full-time equivalents by profession, signs in words."""
    title = word("report.staff", view.lang)
    if view.local:
        note = _(
            "Staff are counted where they work. How many of them care for the residents of %(place)s is not known."
        )
        return Note(title, note % {"place": view.where})
    if view.at == 0:
        note = word("staff_part.lead", view.lang, first=view.years[0])
        return Note(title, note, _("Choose a later year to see the gap."))
    codes = shown_professions(view)
    series = {"own": view.answer.scenario.label[view.lang]}
    if view.state.levers:
        series["own"] = view.scenario_name
    sources = {"own": view.series}
    if view.compared is not None and view.others.get(Want("staff_gap")) is not None:
        series = {"other": view.compared.scenario.label[view.lang], **series}
        sources["other"] = view.others
    bars: dict[tuple[str, str], Bar] = {
        (code, one): tuple(sources[one][Want("staff_gap", code)][[LOW, MEDIAN, HIGH], view.at].tolist())
        for code in codes
        for one in series
    }
    chart = bars_of(
        bars,
        view.about(
            word("staff_part.trust", view.lang, year=view.year),
            word("staff_part.trust_unit", view.lang),
            source=word("source.ssb_13953", view.lang),
        ),
        name="explorer-staff",
        labels={code: label_of("profession", code, view.lang) for code in codes},
        series=series,
        fills={"own": MAIN, "other": GREY},
        title=gap_sentence(view, codes),
        sides=(word("professions.surplus", view.lang), word("professions.shortage", view.lang)),
    )
    about = word("staff_part.lead", view.lang, first=view.years[0])
    if view.place.kind == "trust":
        about += " " + word("staff_part.trust_note", view.lang)
    if view.state.service:
        about += " " + _("Staff are not parted by service area: all areas are in here.")
    return Picture(chart, about)


def gap_sentence(view: View, codes: list[str]) -> str:
    """Say the gap of the year on view in words: lacking, to spare, or either."""
    low, median, high = view.series[Want("staff_gap")][[LOW, MEDIAN, HIGH], view.at].tolist()
    digits = decimals_for(low, high, median)
    key = "short" if low > CLEAR else "spare" if high < -CLEAR else "unsure"
    ends = sorted((abs(low), abs(high))) if key != "unsure" else [abs(low), abs(high)]
    ends_said = [number(value, view.lang, digits) for value in ends]
    told = {"year": view.year, "value": number(abs(median), view.lang, digits)}
    sentence = word(f"explorer.staff.{key}", view.lang, **told, low=ends_said[0], high=ends_said[1])
    gaps = {code: float(view.series[Want("staff_gap", code)][MEDIAN, view.at]) for code in codes}
    most = max(gaps, key=gaps.__getitem__)
    if gaps[most] <= 0:
        return sentence
    band = view.series[Want("staff_gap", most)][:, view.at]
    name = label_of("profession", most, view.lang)
    value = number(gaps[most], view.lang, decimals_for(float(band[LOW]), float(band[HIGH]), gaps[most]))
    said = word("explorer.staff.most", view.lang, name=name[0].lower() + name[1:], value=value)
    if view.place.kind == "trust":
        names = [label_of("profession", code, view.lang).lower() for code in codes]
        said += word("explorer.staff.among", view.lang, names=join(names, view.lang))
    return sentence + said
