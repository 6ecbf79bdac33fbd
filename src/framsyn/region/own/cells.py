"""One cell: what somebody typed, read strictly by the declaration of its column, or told with the way out."""

from __future__ import annotations

import datetime
import math
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from framsyn.region.own.given import CellError, Uncalculated
from framsyn.region.own.sheets import ERRORS

if TYPE_CHECKING:
    from collections.abc import Collection

    from framsyn.region.schema import Field

__all__ = ["BadCell", "limits_of", "read_cell", "shown"]

LONGEST = 5_000
"""Characters of a text; what is longer is a document and no remark."""
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(\.\d{3})+")
_SPACES = str.maketrans({" ": None, "\u00a0": None, "\u202f": None, "\u2009": None, "\u2212": "-"})
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class BadCell(ValueError):
    """What a cell holds cannot be read."""

    def __init__(self, code: str, got: str, expected: str, way_out: str) -> None:
        super().__init__(f"got {got}; expected {expected}. {way_out}")
        self.code, self.got, self.expected, self.way_out = code, got, expected, way_out

    def at(self, place: str, cell: str) -> CellError:
        """The same with its place."""
        return CellError(place, cell, self.code, self.got, self.expected, self.way_out)


def shown(value: Any) -> str:
    """A value as an error tells it, never longer than a line.

    >>> shown("many"), shown(None), shown(1.5)
    ("'many'", 'nothing', '1.5')
    """
    if value is None or value == "":
        return "nothing"
    if isinstance(value, datetime.date | datetime.time):
        return f"the date {value.isoformat()}"
    text = repr(value)
    return text if len(text) <= 70 else f"{text[:69]}…"


def limits_of(field: Field) -> str:
    """What a number of a column may be, in words.

    >>> from framsyn.region.schema import tables
    >>> limits_of(tables()["season"].field("month"))
    'a whole number from 1 to 12 [month]'
    """
    kind = "a whole number" if field.type == "integer" else "a number"
    unit = "" if field.unit in ("", "1") else f" [{field.unit}]"
    if field.minimum is not None and field.maximum is not None:
        return f"{kind} from {field.minimum:g} to {field.maximum:g}{unit}"
    return f"{kind} not under {field.minimum:g}{unit}" if field.minimum is not None else f"{kind}{unit}"


def read_cell(
    field: Field, value: Any, allowed: Collection[str] | None = None, *, decimal_comma: bool = True
) -> str | int | float | None:
    """Read one cell.

    Parameters
    ----------
    field : Field
    value : object
        As the file has it: text, number, date, truth value or nothing.
    allowed : collection of str, optional
        Texts that may stand here; any text if left out.
    decimal_comma : bool
        Whether a comma in a text parts the decimals; then a point that may part thousands is refused.

    Returns
    -------
    str, int, float or None
        None is a blank number; a blank text is empty.

    Raises
    ------
    BadCell

    Examples
    --------
    >>> from framsyn.region.schema import tables
    >>> beds = tables()["beds"]
    >>> read_cell(beds.field("beds"), "1 234,5"), read_cell(beds.field("occupancy"), "")
    (1234.5, None)
    """
    if isinstance(value, Uncalculated):
        way_out = "Open and save the workbook in your spreadsheet, or write the value."
        raise BadCell("formula", "a formula that was never calculated", "a value", way_out)
    if isinstance(value, str) and value.strip() in ERRORS:
        raise BadCell("formula", value.strip(), "a value", "Mend the formula, or write the value.")
    if value is None or (isinstance(value, str) and not value.strip(" \t\r\n\u00a0")):
        if field.blank:
            return "" if field.type == "string" else None
        raise BadCell("blank", "nothing", _expected(field, allowed), f"Fill it: {_description(field)}.")
    if field.type == "string":
        return _text(field, value, allowed)
    return _within(field, _number(field, value, decimal_comma))


def _description(field: Field) -> str:
    return field.description[:1].lower() + field.description[1:]


def _expected(field: Field, allowed: Collection[str] | None) -> str:
    if field.type != "string":
        return limits_of(field)
    return "a text" if allowed is None else _listed(allowed)


def _listed(allowed: Collection[str], most: int = 8) -> str:
    names = [name for name in allowed if name]
    more = f" … ({len(names)} in all)" if len(names) > most else ""
    return f"one of {', '.join(names[:most])}{more}" if names else "a code that is known"


def _text(field: Field, value: Any, allowed: Collection[str] | None) -> str:
    if isinstance(value, bool) or isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        way_out = "Your spreadsheet made something else of it; format the cell as text and write it again."
        raise BadCell("not-a-text", shown(value), _expected(field, allowed), way_out)
    if isinstance(value, int | float):
        if not math.isfinite(value) or value != int(value) or abs(value) >= 1e15:
            way_out = "Format the cell as text and write it again."
            raise BadCell("not-a-text", shown(value), _expected(field, allowed), way_out)
        text = str(int(value))
    elif isinstance(value, str):
        text = value.replace("\r\n", "\n").replace("\r", "\n")
    else:
        way_out = "Write the column as text."
        raise BadCell(
            "not-a-text", f"a value of type {type(value).__name__}", _expected(field, allowed), way_out
        )
    if allowed is not None or field.key:
        text = text.strip(" \t\n\u00a0")
        if "\n" in text:
            raise BadCell(
                "line-break", shown(text), _expected(field, allowed), "Take the line break out of the code."
            )
    if _CONTROL.search(text):
        way_out = "Take it out; it comes from another program."
        raise BadCell(
            "control-character", f"{shown(text)} with a control character", "a text of letters", way_out
        )
    if text.lstrip().startswith("="):
        way_out = "Write the value itself; a text that begins with = would run as a formula in the next spreadsheet."
        raise BadCell("formula", f"the formula {shown(text)}", _expected(field, allowed), way_out)
    if len(text) > LONGEST:
        raise BadCell(
            "too-long", f"{len(text)} characters", f"at most {LONGEST}", "Shorten it, and name the document."
        )
    if allowed is not None and text not in allowed:
        raise _unknown(field, text, allowed)
    return text


def _unknown(field: Field, text: str, allowed: Collection[str]) -> BadCell:
    if field.allowed == ("@sources",):
        way_out = (
            "Add it to the sheet (or file) sources, with title and licence, or choose one that is there."
        )
        return BadCell("unknown-source", shown(text), _listed(allowed), way_out)
    padded = [name for name in allowed if text.isdigit() and name != text and name.lstrip("0") == text]
    near = padded or get_close_matches(text, [name for name in allowed if name], n=1)
    way_out = "Choose one of the list."
    if padded:
        way_out = f"Write {padded[0]} as text: its leading zero was lost."
    elif near:
        way_out = f"Did you mean {near[0]}? Write that."
    elif field.references:
        table = field.references[0][1:].partition(".")[0]
        way_out = f"Choose one of the list, or add it to the table {table} first."
    return BadCell("unknown-code", shown(text), _listed(allowed), way_out)


def _number(field: Field, value: Any, decimal_comma: bool) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if math.isfinite(value):
            return float(value)
        raise BadCell("not-a-number", shown(value), limits_of(field), "Write digits.")
    if not isinstance(value, str):
        way_out = (
            "Your spreadsheet made something else of it; format the cell as a number and write it again."
        )
        raise BadCell("not-a-number", shown(value), limits_of(field), way_out)
    text = value.strip().translate(_SPACES)
    if text.startswith("="):
        raise BadCell(
            "formula",
            f"the formula {shown(value)}",
            limits_of(field),
            "Write the value that the formula shows.",
        )
    if text.endswith("%"):
        way_out = "Write 0.3 for 30 %."
        raise BadCell("not-a-number", shown(value), f"{limits_of(field)}, without the sign %", way_out)
    if decimal_comma:
        if _GROUPED.fullmatch(text):
            way_out = f"The point may part thousands or decimals; write {text.replace('.', '')} or {text.replace('.', ',')}."
            raise BadCell("not-a-number", shown(value), limits_of(field), way_out)
        if text.count(",") == 1 and "." not in text:
            text = text.replace(",", ".")
    if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        way_out = "Write digits alone, with one decimal mark and no thousands mark."
        raise BadCell("not-a-number", shown(value), limits_of(field), way_out)
    return float(text)


def _within(field: Field, number: float) -> int | float:
    whole = number == math.floor(number)
    if (
        (field.type == "integer" and not whole)
        or (field.minimum is not None and number < field.minimum)
        or (field.maximum is not None and number > field.maximum)
        or abs(number) > 1e18
    ):
        way_out = "Mend the number."
        if field.unit == "1" and field.maximum is not None and field.maximum < number <= 100 * field.maximum:
            way_out = f"Write {number / 100:g} for {number:g} %."
        raise BadCell("out-of-range", f"{number:.15g}", limits_of(field), way_out)
    return int(number) if field.type == "integer" else number + 0.0  # no minus zero
