"""Cells: what a planner may have typed, read strictly and told plainly; and what is compared."""

from __future__ import annotations

import calendar
import datetime
import hashlib
import json
import math
import re
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from framsyn.web.exchange.kinds import Column
    from framsyn.web.exchange.vocabulary import Vocabulary

__all__ = ["LONGEST", "BadCell", "check_sum", "clean", "read", "same"]

LONGEST = 32_767
"""Characters that a cell of a workbook can hold."""
_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})|(\d{4})-(\d{1,2})-(\d{1,2})")
# What XML cannot hold, and so no workbook.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_GROUPED = re.compile(r"[+-]?\d{1,3}\.\d{3}")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_SIGNIFICANT = 12


class BadCell(ValueError):
    """What a cell holds cannot be read; the text says what was expected, what stands there and the way out."""


def clean(words: str) -> str:
    r"""Return a text as it is compared and written: line ends of one kind, no control characters, nothing around it.

    >>> clean(" one\r\ntwo\x00 ")
    'one\ntwo'
    """
    return _UNWRITABLE.sub("", words.replace("\r\n", "\n").replace("\r", "\n")).strip()


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are the same: numbers to twelve digits, an empty text and none alike.

    >>> same(0.1 + 0.2, 0.3), same("", None), same(0, None), same(["b", "a"], ["a", "b"])
    (True, True, False, True)
    """
    return _form(one) == _form(other)


def check_sum(name: str, value: Any) -> str:
    """Return the check sum of a cell, short enough to be kept beside it.

    >>> check_sum("cost", 1.0) == check_sum("cost", 1), check_sum("cost", 1.0) == check_sum("fte", 1.0)
    (True, False)
    """
    said = json.dumps([name, _form(value)], ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def _form(value: Any) -> Any:
    if value is None or value in ("", []):
        return None
    if isinstance(value, list):
        return sorted(set(value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (
            f"{value + 0.0:.{_SIGNIFICANT}g}".replace("-0", "0")
            if value == 0
            else f"{value:.{_SIGNIFICANT}g}"
        )
    return clean(value) if isinstance(value, str) else value


def shown(value: Any) -> str:
    """Return what stands in a cell as it is told in an error."""
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        value = value.date()
    if isinstance(value, datetime.date):
        return typed(value)
    words = f"{value:g}" if isinstance(value, float) else str(value)
    return words if len(words) <= 60 else f"{words[:59]}…"


def typed(day: datetime.date) -> str:
    """Return a day as people type it into a cell in the language of the page."""
    from framsyn.web.languages import current_language

    return day.isoformat() if current_language() == "en" else f"{day:%d.%m.%Y}"


def read(column: Column, value: Any, vocabulary: Vocabulary | None, *, share: bool = False) -> Any:
    """Return what a cell says.

    Parameters
    ----------
    column : Column
    value
        As the workbook has it: text, number, day, truth value or nothing.
    vocabulary : Vocabulary, optional
        What a choice may be.
    share : bool
        Whether a figure is a share: then a text "13,5 %" is 0.135.

    Returns
    -------
    str, float, int, list of str or None
        A day as ISO text.

    Raises
    ------
    BadCell
    """
    if isinstance(value, str):
        value = clean(value)
    if value is None or value == "":
        return None
    if column.type in ("text", "words", "id"):
        words = _text(value)
        if column.longest and len(words) > column.longest:
            raise BadCell(
                _("%(count)s characters are too many; shorten it to %(most)s")
                % {"count": len(words), "most": column.longest}
            )
        return words
    if column.type == "day":
        return _day(value)
    if column.type == "choice" or column.type == "reference":
        return _choice(value, vocabulary)
    if column.type == "references":
        parts = [part.strip() for part in re.split(r"[;\n]", str(value)) if part.strip()]
        return sorted({_choice(part, vocabulary) for part in parts}) or None
    number = _number(value, percent=share or column.type == "share")
    if column.type == "whole":
        if number != int(number):
            raise BadCell(
                _("expected a whole number, got %(got)s; write %(near)s")
                % {"got": shown(value), "near": round(number)}
            )
        return int(_within(column, number))
    if (share or column.type == "share") and number > 1:
        raise BadCell(
            _("expected a share of at most 100 %%, got %(got)s; write %(near)s %% with the sign, or %(part)s")
            % {"got": shown(value), "near": f"{number:g}", "part": f"{number / 100:g}"}
        )
    return _within(column, number)


def _within(column: Column, number: float) -> float:
    if (column.least is not None and number < column.least) or (
        column.most is not None and number > column.most
    ):
        if column.most is None:
            raise BadCell(
                _("expected a number from %(least)s upwards, got %(got)s")
                % {"least": f"{column.least:g}", "got": shown(number)}
            )
        raise BadCell(
            _("expected a number from %(least)s to %(most)s, got %(got)s")
            % {"least": f"{column.least:g}", "most": f"{column.most:g}", "got": shown(number)}
        )
    return number


def _text(value: Any) -> str:
    if isinstance(value, bool):
        raise BadCell(
            _("expected a text, got %(got)s; format the cell as text and write it again") % {"got": value}
        )
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        raise BadCell(
            _(
                "expected a text, got the day %(got)s: the spreadsheet took it for a date. Format the cell as "
                "text and write it again"
            )
            % {"got": shown(value)}
        )
    if isinstance(value, int | float):
        return f"{value:.15g}"
    return str(value)


def _day(value: Any) -> str:
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    words = "".join(str(value).split())
    found = _DAY.fullmatch(words) if isinstance(value, str) else None
    way_out = datetime.date.today()
    if found:
        day, month, year = (
            (int(found[1]), int(found[2]), int(found[3]))
            if found[1]
            else (int(found[6]), int(found[5]), int(found[4]))
        )
        if 1 <= month <= 12 and 1900 <= year <= 9999:
            last = calendar.monthrange(year, month)[1]
            if 1 <= day <= last:
                return datetime.date(year, month, day).isoformat()
            way_out = datetime.date(year, month, min(max(day, 1), last))
    raise BadCell(
        _("expected a date, got “%(got)s”; write %(example)s")
        % {"got": shown(value), "example": typed(way_out)}
    )


def _choice(value: Any, vocabulary: Vocabulary | None) -> str:
    words = {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else _text(value)
    code = vocabulary.code(words) if vocabulary is not None else words
    if code is not None:
        return code
    assert vocabulary is not None
    if vocabulary.open:
        raise BadCell(
            _("“%(got)s” is not known here; choose from the list of the cell, or from the sheet of lists")
            % {"got": shown(value)}
        )
    from framsyn.web.languages import current_language

    offered = ", ".join(vocabulary.offered(current_language())[:12])
    raise BadCell(
        _("“%(got)s” cannot be chosen; choose one of: %(offered)s")
        % {"got": shown(value), "offered": offered}
    )


def _number(value: Any, *, percent: bool) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not math.isfinite(value):
            raise BadCell(
                _("expected a number, got “%(got)s”; write digits, such as 1234.5") % {"got": shown(value)}
            )
        return float(value)
    factor = 1.0
    words = "".join(str(value).split()).replace("\u2212", "-") if isinstance(value, str) else ""
    if percent and words.endswith("%"):
        words, factor = words[:-1], 0.01
    if _GROUPED.fullmatch(words):
        raise BadCell(
            _(
                "“%(got)s” is a text, and the point may part thousands or decimals; write %(whole)s or "
                "%(decimal)s"
            )
            % {"got": shown(value), "whole": words.replace(".", ""), "decimal": words.replace(".", ",")}
        )
    if words.count(",") == 1 and "." not in words:
        words = words.replace(",", ".")
    if not _NUMBER.fullmatch(words) or not math.isfinite(float(words)):
        raise BadCell(
            _("expected a number, got “%(got)s”; write digits, such as 1234.5") % {"got": shown(value)}
        )
    number = float(words)
    # Percent by division: 13.5 / 100 is the number that 0.135 is, and 13.5 * 0.01 is not.
    return number / 100 if factor != 1.0 else number
