"""Charts of indicators: rows of the database as lines of the report's run charts, and the outlook that continues them."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.translation import gettext as _

from framsyn.report.figure import About, Chart
from framsyn.report.run_charts import Aim, Control, Point, RunBreak, RunLine, control_of, run_chart
from framsyn.report.run_trend import trend_of, trend_text
from framsyn.report.theme import ACCENT, INK, MAIN, PAPER
from framsyn.web.indicators.readings import FAULTY
from framsyn.web.indicators.sentences import day_text, quantity_text, say
from framsyn.web.outlooks.models import Series
from framsyn.web.outlooks.names import REGION
from framsyn.web.outlooks.queries import Line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from framsyn.web.accounts.models import Organisation
    from framsyn.web.indicators.models import Break, Indicator, Observation
    from framsyn.web.indicators.rules import GoalRule, Reading, Status

__all__ = [
    "about_of",
    "aim_of",
    "break_dates",
    "breaks_of",
    "comparison",
    "control",
    "fan_of",
    "line_of",
    "own_chart",
    "period_text",
    "sparkline",
    "trend",
    "unit_text",
]

_GAPS = {"year": 1.0, "tertial": 1 / 3, "quarter": 0.25, "month": 1 / 12}
# A total of one place says nothing beside the total of all of them.
TOTALS = ("persons", "count", "fte", "beds", "mnok", "tonnes_co2e", "hours")


def unit_text(unit: str, lang: str) -> str:
    """Return a unit in words, without a number.

    >>> unit_text("days", "nb"), unit_text("share", "en"), unit_text("index", "nb")
    ('dager', '%', '')
    """
    return " ".join(say(f"unit.{unit}", lang, number="").split())


def factor_of(indicator: Indicator) -> float:
    """Factor from the stored unit to the shown one."""
    return 100.0 if indicator.unit == "share" else 1.0


def period_text(frequency: str, start: datetime.date, end: datetime.date, lang: str) -> str:
    """Name the period of a figure.

    >>> from datetime import date
    >>> period_text("year", date(2024, 1, 1), date(2024, 12, 31), "nb")
    '2024'
    >>> period_text("month", date(2024, 3, 1), date(2024, 3, 31), "en")
    'March 2024'
    """
    if frequency == "year":
        return str(end.year)
    if frequency == "month":
        return f"{say(f'date.m{end.month}', lang)} {end.year}"
    with translation.override(lang):
        if frequency == "tertial":
            return _("tertial %(number)s, %(year)s") % {"number": (end.month + 3) // 4, "year": end.year}
        return _("quarter %(number)s, %(year)s") % {"number": (end.month + 2) // 3, "year": end.year}


def _fraction(day: datetime.date) -> float:
    return day.year + (day.timetuple().tm_yday - 1) / 365.25


def place_in_time(frequency: str, start: datetime.date, end: datetime.date) -> float:
    """Return where a period stands on the axis of years: a year at its number, a shorter one at its middle."""
    if frequency == "year":
        return float(end.year)
    return (_fraction(start) + _fraction(end)) / 2


def line_of(
    indicator: Indicator, rows: Iterable[Observation], lang: str, code: str = "", label: str = ""
) -> RunLine | None:
    """Return the figures of one place as a line; nothing where there are none."""
    factor = factor_of(indicator)
    found = {}
    for row in rows:
        if row.value is None:
            continue
        mark = FAULTY if row.quality == FAULTY else "provisional" if row.state == "provisional" else ""
        at = place_in_time(indicator.frequency, row.period_start, row.period_end)
        text = period_text(indicator.frequency, row.period_start, row.period_end, lang)
        found[at] = Point(at, text, row.value * factor, mark, row.numerator, row.denominator)
    return RunLine(code, label, [found[at] for at in sorted(found)]) if found else None


def break_dates(mark: Break, lang: str) -> str:
    """Return the day of a break, or the months or whole years that it covers."""
    if mark.until is None:
        return day_text(mark.date, lang)
    first, last = str(mark.date.year), str(mark.until.year)
    if (mark.date.month, mark.date.day) != (1, 1):
        first = f"{say(f'date.m{mark.date.month}', lang)} {first}"
    if (mark.until.month, mark.until.day) != (12, 31):
        last = f"{say(f'date.m{mark.until.month}', lang)} {last}"
    return first if first == last else f"{first}–{last}"


def breaks_of(
    indicator: Indicator, breaks: Iterable[Break], lang: str, *, place: str = "", whole: str = ""
) -> list[RunBreak]:
    """Return the breaks of a series where they stand on the axis.

    Parameters
    ----------
    indicator : Indicator
    breaks : iterable of Break
    lang : str
    place : str
        The place whose line is drawn alone; breaks of other places are left out. Empty where several are drawn.
    whole : str
        The place that the others add up to: what breaks one of them breaks it.
    """
    gap, yearly = _GAPS[indicator.frequency], indicator.frequency == "year"
    found = []
    for mark in breaks:
        codes = frozenset((mark.place, whole)) if mark.place else frozenset()
        if place and codes and place not in codes:
            continue
        # A break stands just before the first figure that it touches; a short period is drawn at its middle.
        at = float(mark.date.year) if yearly else _fraction(mark.date) + gap / 2 - 0.002
        until = None
        if mark.until is not None:
            last = float(mark.until.year) if yearly else _fraction(mark.until) - gap / 2 + 0.006
            until = max(at, last)
        dates, text = break_dates(mark, lang), mark.text.said_in(lang)[0]
        found.append(RunBreak(at, dates, text, mark.kind, until, codes))
    return found


def trend(indicator: Indicator, line: RunLine, lang: str, breaks: Sequence[RunBreak] = ()) -> str:
    """Say the trend of a line around its breaks, or why none can be told."""
    return trend_text(trend_of(line, breaks), line, about_of(indicator, "", lang), breaks)


def about_of(indicator: Indicator, where: str, lang: str) -> About:
    """Return the subtitle of an indicator's chart."""
    what, unit = indicator.name.said_in(lang)[0], unit_text(indicator.unit, lang)
    return About(
        what,
        "" if unit.lower() in what.lower() else unit,
        where,
        indicator.source.said_in(lang)[0],
        lang,
        "percent" if indicator.unit == "share" else "number",
    )


def aim_of(indicator: Indicator, rule: GoalRule, status: Status, lang: str) -> Aim | None:
    """Return the target of a rule as the chart draws it; nothing where the rule has no number."""
    low, high = rule.target, rule.target
    if rule.type == "range":
        low, high = rule.target_low, rule.target_high
    elif rule.type == "hold" and status.start is not None:
        low, high = status.start - rule.tolerance, status.start + rule.tolerance
        if rule.direction == "up":
            high = low
        elif rule.direction == "down":
            low = high
    if low is None or high is None:
        return None
    factor = factor_of(indicator)
    texts = [
        quantity_text(end, indicator.unit, lang, indicator.decimals, bare=end != high) for end in (low, high)
    ]
    value = texts[1] if low == high else f"{texts[0]}–{texts[1]}"
    until = place_in_time("month", rule.deadline, rule.deadline) if rule.deadline else None
    if rule.deadline and indicator.frequency == "year":
        until = float(rule.deadline.year)
    with translation.override(lang):
        text = (
            _("Target %(year)s: %(value)s") % {"year": rule.deadline.year, "value": value}
            if rule.deadline
            else _("Target: %(value)s") % {"value": value}
        )
    start = None
    if (
        status.start is not None
        and status.start_date is not None
        and until is not None
        and rule.type != "hold"
    ):
        at = float(status.start_date.year) if indicator.frequency == "year" else _fraction(status.start_date)
        if at < until:
            start = (at, status.start * factor)
    return Aim(low * factor, high * factor, until, text, start)


def fan_of(indicator: Indicator, place: Organisation) -> pd.DataFrame | None:
    """Return the main run's line that continues an indicator, in the unit shown; one query, none without an outlook."""
    wanted = indicator.outlook
    if not wanted:
        return None
    parts = list(dict(wanted.get("where") or {}).values())
    if len(parts) > 1 or any(not isinstance(part, str) for part in parts):
        return None  # quantiles of several parts do not add up to quantiles of their sum
    row = Series.objects.filter(
        run__is_main=True,
        quantity=wanted["quantity"],
        place=REGION if place.kind == place.Kind.HEALTH_AUTHORITY else place.pk,
        part=parts[0] if parts else "",
    ).first()
    if row is None:
        return None
    frame = Line(row.quantity, row.place, row.part, row.years, row.values).frame()
    quantiles = [column for column in frame.columns if column != "year"]
    frame[quantiles] *= float(wanted.get("factor") or 1.0) * factor_of(indicator)
    return frame


def control(indicator: Indicator, line: RunLine, breaks: Sequence[RunBreak]) -> Control | None:
    """Return centre, limits and signals of an indicator; none where a rule would only say that time passes."""
    if indicator.direction == indicator.Direction.NONE:
        return None
    often = indicator.frequency != indicator.Frequency.YEAR
    return control_of(line, breaks, often=often, share=indicator.unit == "share")


def own_chart(
    indicator: Indicator,
    line: RunLine,
    lang: str,
    *,
    where: str,
    name: str,
    breaks: Sequence[RunBreak] = (),
    aim: Aim | None = None,
    judged: Control | None = None,
    fan: pd.DataFrame | None = None,
) -> Chart:
    """Return the chart of one place."""
    if fan is not None and indicator.frequency != "year":
        fan = fan.assign(year=fan["year"] + 0.5)
    return run_chart(
        line,
        about_of(indicator, where, lang),
        name=name,
        decimals=indicator.decimals,
        control=judged,
        aim=aim,
        breaks=breaks,
        fan=fan,
        gap=_GAPS[indicator.frequency],
    )


def comparison(
    indicator: Indicator,
    lines: Mapping[str, RunLine],
    lang: str,
    *,
    where: str,
    name: str,
    region: str,
    breaks: Sequence[RunBreak] = (),
) -> Chart | None:
    """Return the chart that holds places against each other; nothing with one place only.

    The region's total is left out where it is the sum of the others: it would press them flat.
    """
    chosen = [line for code, line in lines.items() if not (indicator.unit in TOTALS and code == region)]
    if len(chosen) < 2:
        return None
    first, *others = chosen
    return run_chart(
        first,
        about_of(indicator, where, lang),
        name=name,
        decimals=indicator.decimals,
        breaks=breaks,
        others=others,
        gap=_GAPS[indicator.frequency],
        title=_("%(what)s, place by place") % {"what": indicator.name.said_in(lang)[0]},
    )


def sparkline(readings: Sequence[Reading], target: float | None = None) -> str:
    """Draw the newest figures as a small line, without words: the sentence beside it says them.

    The line is cut where the way of counting changed and where the source warns of the figures between.

    >>> sparkline([])
    ''
    """
    sound = [reading for reading in readings if not reading.faulty]
    if len(sound) < 2:
        return ""
    values = [reading.value for reading in sound]
    ends = [*values, *([target] if target is not None else [])]
    low, high = min(ends), max(ends)
    span = (high - low) or 1.0
    first, last = sound[0].date.toordinal(), sound[-1].date.toordinal()
    width, height, rim = 120.0, 32.0, 4.0

    def x(day: datetime.date) -> float:
        return rim + (width - 2 * rim) * (day.toordinal() - first) / max(last - first, 1)

    def y(value: float) -> float:
        return height - rim - (height - 2 * rim) * (value - low) / span

    pieces: list[list[str]] = []
    previous: Reading | None = None
    for reading in readings:
        if not reading.faulty:
            if previous is None or previous.faulty or previous.counted_since != reading.counted_since:
                pieces.append([])
            pieces[-1].append(f"{x(reading.date):.1f},{y(reading.value):.1f}")
        previous = reading
    # A piece of one figure is drawn as a dot: a line of no length with round ends.
    points = "M".join("L".join(piece if len(piece) > 1 else piece * 2) for piece in pieces)
    goal = ""
    if target is not None:
        goal = f'<path d="M{rim:g},{y(target):.1f}H{width - rim:g}" stroke="{ACCENT}" stroke-dasharray="4 3" fill="none"/>'
    fill = PAPER if sound[-1].provisional else MAIN
    end = (
        f'<circle cx="{x(sound[-1].date):.1f}" cy="{y(values[-1]):.1f}" r="3" fill="{fill}" stroke="{MAIN}" '
        'stroke-width="1.5"/>'
    )
    return (
        f'<svg class="spark" width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}" aria-hidden="true" '
        f'focusable="false">{goal}<path d="M{points}" fill="none" stroke="{INK}" stroke-width="1.6" '
        f'stroke-linejoin="round" stroke-linecap="round"/>{end}</svg>'
    )
