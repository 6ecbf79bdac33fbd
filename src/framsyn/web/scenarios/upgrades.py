"""A scenario that was saved under another engine or other data: then and now beside each other, and why they differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from framsyn.report.numbers import interval
from framsyn.web.outlooks import charts
from framsyn.web.outlooks.queries import region_of
from framsyn.web.scenarios.drawings import label_of, run_of, steps
from framsyn.web.scenarios.figures import KEPT, figure, lines_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from framsyn.report.charts import Chart
    from framsyn.web.scenarios.models import Reading

__all__ = ["Beside", "beside", "reasons", "what_moved"]

MARGIN = 0.005  # of the median: less is what rounding and chance of the last digits make


@dataclass(frozen=True)
class Beside:
    """One key figure of the last year, then and now."""

    label: str
    unit: str
    then: tuple[str, str]
    now: tuple[str, str]
    change: str


def reasons(
    then: Mapping[str, Any],
    now: Mapping[str, Any],
    before: Mapping[str, str],
    after: Mapping[str, str],
    lang: str,
) -> list[str]:
    """Say what differs between two runs of one scenario.

    Parameters
    ----------
    then, now : mapping
        Manifests.
    before, after : mapping
        SHA-256 of each table, as far as it was kept.
    lang : str

    Returns
    -------
    list of str
        Sentences; none where the two are one run.
    """
    found = []
    if then["engine"] != now["engine"]:
        words = {"before": then["engine"], "after": now["engine"]}
        found.append(_("The engine is another version: %(before)s then, %(after)s now.") % words)
    if then["region_digest"] != now["region_digest"]:
        found.append(_data_changed(then, now, before, after, lang))
    if then["switches"] != now["switches"] and "switches" not in before:
        found.append(_("The region is set otherwise than it was (its switches)."))
    return found


def _data_changed(
    then: Mapping[str, Any],
    now: Mapping[str, Any],
    before: Mapping[str, str],
    after: Mapping[str, str],
    lang: str,
) -> str:
    if not before:
        words = {"before": then["region_digest"][:12], "after": now["region_digest"][:12]}
        return (
            _(
                "The region's data are others: digest %(before)s then, %(after)s now. Which tables changed was not kept."
            )
            % words
        )
    changed = [name for name in after if name in before and before[name] != after[name]]
    fresh = [name for name in after if name not in before]
    gone = [name for name in before if name not in after]
    titles = {
        table["name"]: table.get("title", "")
        for table in region_of(str(now["region"])).descriptor["resources"]
    }
    titles["switches"] = _("Switches of the region")

    def listed(names: list[str]) -> str:
        return ", ".join(f"{titles[name]} ({name})" if titles.get(name) else name for name in names)

    parts = []
    if changed:
        parts.append(_("The region's data have changed in: %(tables)s.") % {"tables": listed(changed)})
    if fresh:
        parts.append(_("New tables: %(tables)s.") % {"tables": listed(fresh)})
    if gone:
        parts.append(_("Tables that are gone: %(tables)s.") % {"tables": ", ".join(gone)})
    return " ".join(parts) or _("The region's data are others.")


def beside(then: Reading, now: Reading, year: int, lang: str) -> list[Beside]:
    """Return the key figures of a year as they were and as they are."""
    old, new = lines_of(then), lines_of(now)
    found = []
    for name, part in KEPT:
        if (name, part) not in old or (name, part) not in new:
            continue
        before, after = old[name, part], new[name, part]
        if year not in before.years or year not in after.years:
            continue
        label, unit = label_of(now, name, part, after.first, lang)
        found.append(
            Beside(
                label,
                unit,
                figure(before, year, lang),
                figure(after, year, lang),
                _change(before.at(year), after.at(year), after, year, lang),
            )
        )
    return found


def _change(before: float, after: float, line: Any, year: int, lang: str) -> str:
    difference = after - before
    if abs(difference) <= MARGIN * abs(before):
        return _("as it was")
    style = charts.words_of(line.quantity, lang, line.first)[2]
    width = (line.at(year, "p90") - line.at(year, "p10")) / 2
    return interval(difference, difference - width, difference + width, lang, style, signed=True).median


def what_moved(then: Reading, now: Reading, label: Mapping[str, str], lang: str) -> list[Chart]:
    """Return a waterfall from what was to what is, for each quantity that both explain.

    Both say how the last year follows from the base year. The step of the base year and of each cause is the difference of
    the two; they add up to the difference of the last year.
    """
    old = {(one["quantity"], one["part"]): one for one in then.causes}
    drawn = []
    for one in now.causes:
        before = old.get((one["quantity"], one["part"]))
        if before is None or before["year"] != one["year"]:
            continue
        moved = {"base": one["before"] - before["before"]}
        labels = {"base": _("Counted in the base year")}
        for sign, found in ((-1.0, before), (1.0, one)):
            for effect in found["effects"]:
                moved[effect["name"]] = moved.get(effect["name"], 0.0) + sign * effect["effect"]
                labels[effect["name"]] = effect["label"][lang]
        least = 1e-6 * max(abs(one["after"]), 1e-12)
        effects = [
            {"name": name, "label": dict.fromkeys(("nb", "nn", "en"), labels[name]), "effect": size}
            for name, size in moved.items()
            if abs(size) > least
        ]
        if not effects:
            continue
        rest = one["after"] - before["after"] - sum(effect["effect"] for effect in effects)
        if abs(rest) > least / 10:
            words = dict.fromkeys(("nb", "nn", "en"), _("Others, each too small to be seen"))
            effects.append({"name": "rest", "label": words, "effect": rest})
        told = {**one, "before": before["after"], "effects": effects}
        ends = (_("then"), _("now"))
        drawn.append(steps(run_of(now, label), told, lang, name=f"moved-{one['quantity']}", ends=ends))
    return drawn
