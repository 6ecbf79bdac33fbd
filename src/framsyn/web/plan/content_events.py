"""What ``wheel.toml`` is made of: events of the annual wheel."""

from __future__ import annotations

import calendar
from typing import Annotated, Literal

from pydantic import Field, model_validator

from framsyn.scenario.model import refuse
from framsyn.web.plan.content_models import Identity, Name, Part, Text, Year

__all__ = ["Event"]

Month = Annotated[int, Field(ge=1, le=12)]
Day = Annotated[int, Field(ge=1, le=31)]
_LEAP_YEAR = 2024  # has every day that a year can have


class Event(Part):
    """What comes back every year, every so many years, or once, in the annual wheel."""

    id: Identity
    title: Text
    kind: Literal["owner", "board", "report", "economy", "plan", "other"]
    organisation: Identity
    standing: Literal["decided", "known", "illustration"]
    """known: a general public fact, with its source."""
    month: Month
    day: Day | None = None
    """Absent: the whole month."""
    end_month: Month | None = None
    end_day: Day | None = None
    every: Annotated[int, Field(ge=0, le=20)] = 1
    """Years between two; 0 is once."""
    year: Year | None = None
    """The first, or the only one."""
    plan: Identity | None = None
    element: Identity | None = None
    responsible: Text | None = None
    """A function; never a person."""
    note: Text | None = None
    source: Name | None = None

    @model_validator(mode="after")
    def _whole(self) -> Event:
        if self.every != 1 and self.year is None:
            raise refuse(
                "key-missing",
                "year",
                None,
                "what does not come every year needs its first year",
                "Add year = …",
            )
        if self.standing == "known" and self.source is None:
            raise refuse("key-missing", "source", None, "a known time names its source", "Add source = …")
        if self.end_day is not None and self.end_month is None:
            raise refuse("key-missing", "end_month", None, "a last day needs its month", "Add end_month = …")
        for key, month, day in (("day", self.month, self.day), ("end_day", self.end_month, self.end_day)):
            last = calendar.monthrange(_LEAP_YEAR, month)[1] if month else 31
            if day is not None and day > last:
                raise refuse("wrong-order", key, str(day), f"month {month} has {last} days", "Mend the day.")
        return self
