"""Working days: neither weekends nor Norwegian public holidays; July too may be left out."""

from __future__ import annotations

import datetime
from functools import lru_cache

import holidays

__all__ = ["add_working_days", "is_working_day", "next_working_day"]

_ONE = datetime.timedelta(days=1)
_SATURDAY = 5
_JULY = 7


@lru_cache(maxsize=32)
def _public(year: int) -> frozenset[datetime.date]:
    return frozenset(holidays.country_holidays("NO", years=year))


def is_working_day(day: datetime.date, *, july_off: bool = False) -> bool:
    """Tell whether people are at work on a day.

    >>> day = datetime.date
    >>> is_working_day(day(2027, 5, 17)), is_working_day(day(2027, 5, 18)), is_working_day(day(2027, 3, 25))
    (False, True, False)
    >>> is_working_day(day(2027, 7, 1)), is_working_day(day(2027, 7, 1), july_off=True)
    (True, False)
    """
    if day.weekday() >= _SATURDAY or (july_off and day.month == _JULY):
        return False
    return day not in _public(day.year)


def next_working_day(day: datetime.date, *, july_off: bool = False) -> datetime.date:
    """Return the day itself when it is a working day, else the first one after it.

    >>> next_working_day(datetime.date(2027, 3, 25))  # from Maundy Thursday past Easter Monday
    datetime.date(2027, 3, 30)
    """
    while not is_working_day(day, july_off=july_off):
        day += _ONE
    return day


def add_working_days(day: datetime.date, count: int, *, july_off: bool = False) -> datetime.date:
    """Return the day that lies a number of working days after another.

    >>> add_working_days(datetime.date(2026, 12, 23), 2)  # past Christmas and a weekend
    datetime.date(2026, 12, 28)
    """
    for _ in range(count):
        day = next_working_day(day + _ONE, july_off=july_off)
    return day
