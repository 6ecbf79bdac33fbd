"""Which share of a code that was divided goes to each of its successors, and how we know.

The municipalities' own are in ``splits.csv``: every share with its quality, reason and credit. The shares of Snillfjord and
Tysfjord are those of ``csdata`` (Norwegian Institute of Public Health). For Ålesund and Haram there are two rules:
``population`` shares by the persons that the two had on their first day, ``halves`` is what csdata and the shipped region
do.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from fractions import Fraction
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

from framsyn.errors import PlanError
from framsyn.sources.shapes import as_date

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "municipality_weights", "read_weights", "shares_of", "weights_from_counts"]

COLUMNS = ["source", "target", "date", "weight", "quality", "reason", "credit"]
NEEDED = ("source", "target", "weight")
# Shares written with three decimals may miss one by this much; they are made to be one whole.
ROUNDING = 1e-3


def municipality_weights(rule: Literal["population", "halves"] = "population") -> pd.DataFrame:
    """Return the shares of Norwegian municipalities that were divided since 2005.

    Parameters
    ----------
    rule : {"population", "halves"}
        How Ålesund (1507) is shared on Ålesund and Haram in 2024.

    Returns
    -------
    DataFrame
        Columns ``source``, ``target``, ``date``, ``weight`` [1], ``quality``, ``reason``, ``credit``.

    >>> shares = municipality_weights().set_index(["source", "target"])["weight"]
    >>> float(shares["5012", "5059"]), round(float(shares["1507", "1580"]), 3)
    (0.3, 0.138)
    """
    text = resources.files("framsyn.sources.klass").joinpath("splits.csv").read_text(encoding="utf-8")
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row.pop("rule") in (rule, "both")]
    return _frame(rows, "splits.csv")


def read_weights(text: str, name: str = "weights.csv") -> pd.DataFrame:
    r"""Read shares that a user gives: CSV in UTF-8 with ``source``, ``target``, ``weight`` and, if known, the rest.

    A weight is a decimal number with a point, or a fraction as 58509/67866.

    Raises
    ------
    PlanError
        ``column-missing``, ``cell-empty``, ``number-unfit``, ``row-twice``, ``file-empty``, ``weights-unfit``

    >>> read_weights("source,target,weight\n5012,5055,0.35\n5012,5056,0.35\n5012,5059,0.3\n")["weight"].tolist()
    [0.35, 0.35, 0.3]
    """
    try:
        rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
        missing = [key for key in NEEDED if key not in (rows.fieldnames or ())]
        if missing:
            message = f"{name}: no column {', '.join(missing)}; the head is {','.join(COLUMNS)}, with commas between."
            raise PlanError(
                "column-missing", message, file=name, got=list(rows.fieldnames or ()), expected=COLUMNS
            )
        found = list(rows)
    except csv.Error as error:
        message = f"{name}: this is no CSV ({error}). Save it as CSV in UTF-8, with commas between."
        raise PlanError("file-unreadable", message, file=name) from error
    return _frame(found, name)


def _frame(rows: list[dict[str, Any]], name: str) -> pd.DataFrame:
    import pandas as pd

    made, seen = [], set()
    for number, row in enumerate(rows, start=2):
        where = f"{name}, row {number}"
        said = {key: str(row.get(key) or "").strip() for key in COLUMNS}
        blank = [key for key in NEEDED if not said[key]]
        if blank:
            message = f"{where}: {' and '.join(blank)} is empty. Every row names source, target and weight."
            raise PlanError("cell-empty", message, file=name, row=number)
        pair = (said["source"], said["target"], said["date"])
        if pair in seen:
            message = (
                f"{where}: {said['source']} to {said['target']} is there already. Keep one row for each."
            )
            raise PlanError("row-twice", message, file=name, row=number, got=list(pair))
        seen.add(pair)
        date = as_date(said["date"], where).isoformat() if said["date"] else ""
        made.append({**said, "date": date, "weight": _weight(said["weight"], where)})
    if not made:
        message = f"{name}: there is no row. Write one for each successor of a code that was divided."
        raise PlanError("file-empty", message, file=name)
    frame = pd.DataFrame(made, columns=COLUMNS)
    shares_of(frame)
    return frame


def _weight(text: str, where: str) -> float:
    try:
        # A share of more signs than this is no share; it could be made to take all memory.
        value = float(Fraction(text)) if len(text) <= 40 and "e" not in text.lower() else math.nan
    except (ValueError, ZeroDivisionError, OverflowError):
        value = math.nan
    if not 0 <= value <= 1:
        message = f"{where}: the weight is {text[:40]!r}; expected a share from 0 to 1, with a point. Write 0.35 for 35 %."
        raise PlanError("number-unfit", message, got=text[:40], expected="0–1")
    return value


def shares_of(
    weights: pd.DataFrame | Mapping[tuple[str, str], float] | None,
) -> dict[tuple[str, str, str], float]:
    """Return shares by source, target and date (blank: any), made to be exactly one whole for each source and date.

    Raises
    ------
    PlanError
        ``weights-unfit``: a share is no number from 0 to 1, or those of a source do not add up to one.

    >>> shares_of({("1507", "1508"): 0.862, ("1507", "1580"): 0.138})
    {('1507', '1508', ''): 0.862, ('1507', '1580', ''): 0.138}
    """
    if weights is None:
        return {}
    if isinstance(weights, Mapping):
        rows = [
            (code_of(source, "weights"), code_of(target, "weights"), "", weight)
            for (source, target), weight in weights.items()
        ]
    else:
        missing = [key for key in NEEDED if key not in weights]
        if missing:
            message = f"weights: no column {', '.join(missing)}; expected source, target, weight and, if known, date."
            raise PlanError(
                "column-missing", message, got=[str(key) for key in weights], expected=list(NEEDED)
            )
        dates = weights["date"] if "date" in weights else [""] * len(weights)
        columns = zip(weights["source"], weights["target"], dates, weights["weight"], strict=True)
        rows = [
            (code_of(source, "weights"), code_of(target, "weights"), _day_of(date), weight)
            for source, target, date, weight in columns
        ]
    groups: dict[tuple[str, str], dict[str, float]] = {}
    for source, target, date, weight in rows:
        try:
            number = float(weight)
        except (TypeError, ValueError):
            number = math.nan
        group = groups.setdefault((source, date), {})
        if not 0 <= number <= 1 or target in group:
            problem = "stands twice" if target in group else f"is {weight!r}; expected a share from 0 to 1"
            message = f"weights: {source} to {target} {problem}. Give each successor one share."
            raise PlanError("weights-unfit", message, source=source, target=target)
        group[target] = number
    for (source, date), group in groups.items():
        total = math.fsum(group.values())
        if abs(total - 1) > ROUNDING:
            told = ", ".join(f"{target} {share:g}" for target, share in group.items())
            message = (
                f"weights: the shares of {source} add up to {total:g} ({told}); expected 1. "
                "Something would be lost or made: mend the shares, or name the successor that is missing."
            )
            raise PlanError("weights-unfit", message, source=source, date=date, got=total, expected=1)
        if total != 1:
            for target in group:
                group[target] /= total
    return {
        (source, target, date): share
        for (source, date), group in groups.items()
        for target, share in group.items()
    }


def code_of(value: Any, where: str) -> str:
    """Return a code as text, blank where none is given; a number has lost its leading zero and is refused.

    >>> code_of("0301", "a test"), code_of(None, "a test"), code_of(float("nan"), "a test")
    ('0301', '', '')
    """
    if _is_blank(value):
        return ""
    if not isinstance(value, str):
        message = f"{where}: the code {value!r} is no text. Read the column as text, so that 0301 does not become 301."
        raise PlanError("code-unfit", message, got=str(value)[:40])
    return value.strip()


def _is_blank(value: Any) -> bool:
    # Blank cells of a table come as NaN.
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def _day_of(value: Any) -> str:
    return "" if _is_blank(value) else as_date(value, "weights").isoformat()


def weights_from_counts(changes: pd.DataFrame, counts: Mapping[str, float]) -> pd.DataFrame:
    """Work out shares from what each successor had on its first day, where that can be told.

    It can where every successor has this one code behind it and nothing else. Where a piece was joined to another
    municipality (Snillfjord), the count of the successor says nothing about the piece, and no share is made.

    Parameters
    ----------
    changes : DataFrame
        From :func:`framsyn.sources.klass.changes`.
    counts : Mapping of code to number
        Persons on the first day after the change, such as 1 January 2024.

    Returns
    -------
    DataFrame
        As :func:`municipality_weights`; empty if nothing can be told.

    >>> import pandas as pd
    >>> rows = [("1507", "1508", "2024-01-01"), ("1507", "1580", "2024-01-01")]
    >>> split = pd.DataFrame(rows, columns=["old", "new", "date"])
    >>> weights_from_counts(split, {"1508": 58_509, "1580": 9_357})["weight"].round(3).tolist()
    [0.862, 0.138]
    """
    import pandas as pd

    before: dict[tuple[str, str], set[str]] = {}
    after: dict[tuple[str, str], list[str]] = {}
    for first, last, date in zip(changes["old"], changes["new"], changes["date"], strict=True):
        old, new = code_of(first, "changes"), code_of(last, "changes")
        if old and new:
            before.setdefault((new, date), set()).add(old)
            after.setdefault((old, date), []).append(new)
    rows: list[dict[str, Any]] = []
    for (old, date), targets in after.items():
        known = all(before[new, date] == {old} and counts.get(new, 0) > 0 for new in targets)
        if len(targets) < 2 or not known:
            continue
        total = math.fsum(counts[new] for new in targets)
        reason = f"Counts of the successors on their first day: {', '.join(f'{new} {counts[new]:g}' for new in targets)}"
        rows += [
            dict(zip(COLUMNS, (old, new, date, counts[new] / total, "derived", reason, ""), strict=True))
            for new in targets
        ]
    return pd.DataFrame(rows, columns=COLUMNS)
