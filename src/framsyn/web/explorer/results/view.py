"""What every block needs: the answer, what it is held against, the place and the words of the reader."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from django.urls import reverse

from framsyn.quantities import quantity
from framsyn.region.arrays import PUBLISHED_PROFESSIONS, SERVICE_AREAS, professions
from framsyn.report.charts import About, Beside
from framsyn.report.words import word
from framsyn.web.explorer.known import known_places, region_on_view
from framsyn.web.explorer.results.series import LOCAL, MEDIAN, Series, Want, beds_per_day, read_series

if TYPE_CHECKING:
    from framsyn.outlook.result import Outlook
    from framsyn.region import Region
    from framsyn.region.places import Place
    from framsyn.report.numbers import Style
    from framsyn.web.explorer.state import State

__all__ = ["CLEAR", "View", "label_of", "wants_of"]

ROOMS = ("outpatient_rooms", "day_places")
MONEY = ("result", "liquidity")
SMALL = 1000.0
"""MNOK under which money is told in millions."""
CLEAR = 1e-9


@functools.lru_cache(maxsize=512)
def label_of(kind: str, code: str, lang: str) -> str:
    """Return the name of a code of the region on view."""
    return region_on_view().label_of(kind, code, lang)


def wants_of(place: Place, service: str) -> list[Want]:
    """Return the series that the first part of a view takes at a place."""
    if place.kind not in ("region", "trust"):
        parts = (service,) if service else ("", *SERVICE_AREAS)
        return [Want(name, part) for name in LOCAL for part in (parts if name == "need" else (service,))]
    needs = [Want("need", part) for part in ((service,) if service else ("", *SERVICE_AREAS))]
    beds = [Want("beds", service), Want("beds_service_level", service)]
    staff = [Want("staff_gap")]
    shown = PUBLISHED_PROFESSIONS if place.kind == "trust" else professions(region_on_view())
    staff += [Want("staff_gap", code) for code in shown]
    whole = [Want(name) for name in (*MONEY, "emissions")] if place.kind == "region" else []
    return [*needs, *beds, *(Want(name, service) for name in ROOMS), *staff, *whole]


@dataclass(frozen=True)
class View:
    """A state with its answer, ready to be told.

    Parameters
    ----------
    answer : Outlook
    compared : Outlook or None
    state : State
    lang : str
    narrow : bool
        Whether the drawing is for a narrow screen.
    is_paper : bool
        Whether charts leave the site, where links and hints for a hand lead nowhere.
    """

    answer: Outlook
    compared: Outlook | None
    state: State
    lang: str
    narrow: bool
    is_paper: bool = False

    @functools.cached_property
    def region(self) -> Region:
        """Region of the answer."""
        return self.answer.region

    @functools.cached_property
    def place(self) -> Place:
        """Place on view."""
        return known_places()[self.state.place]

    @property
    def local(self) -> bool:
        """Whether the place lies below a trust, so that residents are spoken of."""
        return self.place.kind not in ("region", "trust")

    @functools.cached_property
    def years(self) -> list[int]:
        """Years of the answer."""
        return self.answer.years

    @functools.cached_property
    def _other_years(self) -> list[int]:
        return self.compared.years if self.compared is not None else []

    @property
    def year(self) -> int:
        """Year on view, within those of the answer."""
        return min(max(self.state.year, self.years[0]), self.years[-1])

    @property
    def at(self) -> int:
        """Place of the year on view among the years."""
        return self.years.index(self.year)

    @functools.cached_property
    def series(self) -> Series:
        """Bands of what the first part shows."""
        return self._read(self.answer)

    @functools.cached_property
    def others(self) -> Series:
        """The same of the scenario held against."""
        return self._read(self.compared) if self.compared is not None else {}

    def _read(self, answer: Outlook) -> Series:
        found = read_series(answer, self.place, wants_of(self.place, self.state.service))
        if self.local:
            days = found[Want("bed_days", self.state.service)]
            found[Want("beds", self.state.service)] = days * beds_per_day(
                answer, self.place, self.state.service
            )
        return found

    def bands(self, name: str, part: str | None = None) -> np.ndarray | None:
        """Return the bands of a series, (5, year); None where the place has none."""
        return self.series.get(Want(name, self.state.service if part is None else part))

    def beside(self, name: str, part: str | None = None) -> Beside | None:
        """Return the other scenario's median, where it is told from the answer's own at any year."""
        want = Want(name, self.state.service if part is None else part)
        own, other = self.series.get(want), self.others.get(want)
        if self.compared is None or own is None or other is None:
            return None
        if float(abs(own[MEDIAN] - other[MEDIAN]).max()) <= CLEAR * float(abs(own[MEDIAN]).max()):
            return None
        return Beside(self.compared.scenario.label[self.lang], self._other_years, other[MEDIAN].tolist())

    def style_of(self, name: str) -> Style:
        """Return how a quantity is written here: money in billions, or in millions where there is little of it."""
        if not quantity(name).unit.startswith("MNOK"):
            return "number"
        bands = self.bands(name) if self.bands(name) is not None else self.bands(name, "")
        return "number" if bands is not None and abs(bands).max() < SMALL else "money"

    def unit_of(self, name: str) -> str:
        """Return the unit in words."""
        unit = quantity(name).unit
        if self.style_of(name) == "money":
            return word("need_part.unit", self.lang)
        return word(f"unit.{unit}", self.lang)

    def what(self, name: str, part: str | None = None) -> str:
        """Return the quantity and its part as a sentence begins."""
        key = f"explorer.local.{name}" if self.local and name == "beds" else f"explorer.what.{name}"
        chosen = self.state.service if part is None else part
        what = word(key, self.lang)
        return self.of_service(what, chosen)

    def of_service(self, what: str, part: str | None = None) -> str:
        """Return words with the service area on view, or another part, behind them."""
        chosen = self.state.service if part is None else part
        if not chosen:
            return what
        kind = "service_area" if chosen in SERVICE_AREAS else "profession"
        label = label_of(kind, chosen, self.lang)
        return f"{what}, {label[0].lower()}{label[1:]}"

    @property
    def where(self) -> str:
        """Return the place in words."""
        return self.place.label[self.lang]

    @functools.cached_property
    def scenario_name(self) -> str:
        """Return the scenario in words, and that levers were moved."""
        name = self.answer.scenario.label[self.lang]
        return word("explorer.moved", self.lang, name=name) if self.state.levers else name

    @functools.cached_property
    def source(self) -> str:
        """Return the run as source."""
        return word("page.source_own", self.lang, id=self.answer.id)

    def about(self, what: str, unit: str = "", style: Style = "number", source: str = "") -> About:
        """Return the subtitle of a chart."""
        own = f"{source}; {self.source}" if source else self.source
        return About(what, unit, self.where, own, self.lang, style, self.scenario_name)

    @functools.cached_property
    def query(self) -> str:
        """Return the state as a query."""
        return self.state.query()

    def file(self, name: str, form: str = "csv") -> str:
        """Return the address of a chart as a file."""
        address = reverse("take_chart", args=[name, form])
        return f"{address}?{self.query}" if self.query else address

    @property
    def table_file(self) -> str:
        """Return the address of the table of the whole view."""
        address = reverse("take_view", args=["csv"])
        return f"{address}?{self.query}" if self.query else address
