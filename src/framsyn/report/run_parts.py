"""What a run chart consists of before it is drawn: scales, words, key, and labels that make room for each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from framsyn.report.layout import Ticks, honest_ticks, spread, text_width, wrap
from framsyn.report.numbers import shown, value_range
from framsyn.report.panels import KeyItem, Label, Panel, band_tints
from framsyn.report.run_data import Aim, Control, Point, RunBreak, RunLine, fan_texts
from framsyn.report.theme import ACCENT, GREY, INK, MAIN, MUTED, PAPER, TRUST_COLOURS, colours_for
from framsyn.report.words import word

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from framsyn.report.figure import About

__all__ = ["RunParts"]

_END_GAP = 8.0
End = tuple[list[str], float, str, bool]


@dataclass(frozen=True)
class RunParts:
    """All that one chart draws."""

    line: RunLine
    about: About
    decimals: int
    control: Control | None
    aim: Aim | None
    breaks: tuple[RunBreak, ...]
    others: tuple[RunLine, ...]
    fan: pd.DataFrame | None
    gap: float

    def write(self, value: float) -> str:
        """Write a value in the reader's way."""
        return shown(value, self.about.lang, self.about.style, self.decimals)

    @property
    def own_colour(self) -> str:
        """Ink, but a trust keeps its colour among others."""
        return TRUST_COLOURS.get(self.line.code, INK) if self.others else INK

    def finding(self) -> str:
        """Say the newest figure and the one a year before it."""
        points = self.line.sound or list(self.line.points)
        last = points[-1]
        if self.fan is not None:
            texts = fan_texts(self.fan, self.about)
            return word(
                "run.finding.fan",
                self.about.lang,
                what=self.about.what,
                last=last.period,
                before=self.write(last.value),
                **texts,
            )
        before = [point for point in points[:-1] if point.at <= last.at - 1 + 1e-6]
        values = {"what": self.about.what, "last": last.period, "value": self.write(last.value)}
        if not before:
            return word("run.finding.only", self.about.lang, **values)
        first = before[-1]
        between = [
            mark for mark in self.breaks if mark.is_of(self.line.code) and mark.cuts(first.at, last.at)
        ]
        if between:
            # The two are not counted alike: neither a rise nor a fall is told.
            level = [mark for mark in between if mark.kind == "level"]
            kind = "broken" if level else "only"
            dates = {"date": level[-1].date} if level else {}
            return word(f"run.finding.{kind}", self.about.lang, **values, **dates)
        values |= {"first": first.period, "before": self.write(first.value)}
        same = values["before"] == values["value"]
        way = "same" if same else "up" if last.value > first.value else "down"
        return word(f"run.finding.{way}", self.about.lang, **values)

    def key(self) -> list[KeyItem]:
        """Signs that need a word."""
        lang, marks = self.about.lang, {point.mark for point in self.line.points}
        items = [KeyItem("line", self.line.label or word("run.measured", lang), self.own_colour)]
        if self.control:
            items.append(
                KeyItem("line", word("run.median" if self.control.kind == "run" else "run.mean", lang), MUTED)
            )
            if self.control.low:
                items.append(KeyItem("dashed", word("run.limits", lang), GREY))
            if self.control.marked:
                items.append(KeyItem("point", word("run.signal", lang), ACCENT, "triangle-up"))
        if "provisional" in marks:
            items.append(KeyItem("point", word("run.provisional", lang), PAPER, "circle", INK))
        if "faulty" in marks:
            items.append(KeyItem("point", word("run.faulty", lang), PAPER, "square", GREY))
        if self.aim and self.aim.start:
            items.append(KeyItem("line", word("run.path", lang), ACCENT))
        if self.fan is not None:
            light, dark = band_tints(MAIN)
            items.append(KeyItem("line", word("chart.median", lang), MAIN))
            items.append(KeyItem("patch", word("chart.band", lang, share=50), dark))
            items.append(KeyItem("patch", word("chart.band", lang, share=80), light))
        return items if len(items) > 1 else []

    def years(self) -> tuple[float, float]:
        """First and last place along the axis, never the same."""
        places = [point.at for one in (self.line, *self.others) for point in one.points]
        if self.fan is not None:
            places += [float(self.fan["year"].min()), float(self.fan["year"].max())]
        if self.aim:
            places += [place for place in (self.aim.until, self.aim.start and self.aim.start[0]) if place]
        first, last = min(places), max(places)
        return (first, last) if last - first >= 1 else (first - 0.5, last + 0.5)

    def ticks(self) -> Ticks:
        """Ticks along y: around all that is drawn."""
        values = [point.value for one in (self.line, *self.others) for point in one.points]
        if self.control:
            ends = [*self.control.centre, *self.control.low, *self.control.high]
            values += [value for value in ends if value == value]  # a phase of one point has no limits
        if self.aim:
            values += [self.aim.low, self.aim.high, *([self.aim.start[1]] if self.aim.start else [])]
        if self.fan is not None:
            values += [float(self.fan["q10"].min()), float(self.fan["q90"].max())]
        return honest_ticks(min(values), max(values))

    def colours(self) -> dict[str, str]:
        """Colour of each other place."""
        return colours_for([one.code for one in self.others])

    def pieces(self, line: RunLine, points: Sequence[Point]) -> list[int]:
        """Number the pieces of a line: a new one at every break of its place and after every missing period."""
        found: list[int] = []
        for place, point in enumerate(points):
            if not place:
                found.append(0)
                continue
            before = points[place - 1].at
            cut = point.at - before > 1.5 * self.gap or any(
                mark.cuts(before, point.at) for mark in self.breaks if mark.is_of(line.code)
            )
            found.append(found[-1] + int(cut))
        return found

    def inside(self, panel: Panel) -> list[RunBreak]:
        """Breaks that lie within the years drawn."""
        low, high = panel.x_domain
        return [
            mark
            for mark in sorted(self.breaks, key=lambda mark: mark.at)
            if mark.at <= high and (low < mark.at or (mark.kind != "level" and low <= mark.last))
        ]

    def span(self, mark: RunBreak, panel: Panel) -> tuple[float, float]:
        """Left and right end of a break on the panel; a new way of counting is a line."""
        left = panel.px(max(mark.at - self.gap / 2, panel.x_domain[0]))
        if mark.kind == "level":
            return left, left
        return left, panel.px(min(mark.last + self.gap / 2, panel.x_domain[1]))

    def ends(self, *, narrow: bool) -> list[End]:
        """Texts at the right end: lines, value that they stand at, colour, bold."""
        most = 72 if narrow else 130
        newest = (self.line.sound or list(self.line.points))[-1]
        own = (
            [*wrap(self.line.label, most), self.write(newest.value)]
            if self.line.label
            else [self.write(newest.value)]
        )
        found: list[End] = []
        if self.fan is None:
            found.append((own, newest.value, self.own_colour, True))
        else:
            last, texts = self.fan.iloc[-1], fan_texts(self.fan, self.about)
            found += [
                ([texts[name]], float(last[q]), MAIN if q == "q50" else MUTED, q == "q50")
                for name, q in (("high", "q90"), ("value", "q50"), ("low", "q10"))
            ]
        colours = self.colours()
        for one in self.others:
            value = (one.sound or list(one.points))[-1].value
            found.append(
                (
                    [*wrap(one.label, most), self.write(value)],
                    value,
                    MUTED if colours[one.code] == GREY else colours[one.code],
                    False,
                )
            )
        if self.aim:
            level = (self.aim.low + self.aim.high) / 2
            found.append(
                (wrap(self.aim.text or word("run.target", self.about.lang), most), level, ACCENT, False)
            )
        return found

    @staticmethod
    def placed(ends: Sequence[End], panel: Panel) -> list[Label]:
        """Give the labels at the right end places where none covers another."""
        heights = [15.0 * len(lines) for lines, *_ in ends]
        places = spread(
            [panel.py(value) for _, value, _, _ in ends], heights, panel.top - 8, panel.top + panel.height + 8
        )
        x = panel.left + panel.width + _END_GAP
        return [
            Label(x, place - 7.5 * (len(lines) - 1) + 15 * index, line, colour, bold=bold)
            for (lines, _, colour, bold), place in zip(ends, places, strict=True)
            for index, line in enumerate(lines)
        ]

    def top_labels(self, panel: Panel, overhang: float) -> tuple[list[Label], float, list[int]]:
        """Labels of the breaks above the panel, their height, and the row of each."""
        labels: list[Label] = []
        rows: list[int] = []
        taken: list[tuple[int, float, float]] = []
        for mark in self.inside(panel):
            x = self.span(mark, panel)[0]
            # Years alone above the panel: the months stand in the description and in the table.
            years = (
                value_range(str(int(mark.at)), str(int(mark.last))) if mark.last >= mark.at + 1 else mark.date
            )
            text = f"{word(f'run.mark.{mark.kind}', self.about.lang)} {years}"
            size = text_width(text) + 5
            before = x - size >= -overhang
            start, end = (x - size, x) if before else (x, x + size)
            row = 1 if start < panel.left else 0  # the label of the topmost tick stands there
            if not before:
                row = len(self.breaks)  # above the lines of later breaks, which would cross it
            while any(other == row and start < right + 6 and left < end + 6 for other, left, right in taken):
                row += 1
            taken.append((row, start, end))
            labels.append(
                Label(x - 4 if before else x + 4, -9 - row * 15.0, text, MUTED, "right" if before else "left")
            )
            rows.append(row)
        return labels, 5 + 15.0 * (1 + max(rows, default=-1)), rows
