r"""Carry a table from the codes of its own time to those of a later day, and tell what was done.

A code that was joined to another, or that got another number, goes over whole. A code that was divided goes over by shares:

$$ y_{t} = \sum_{s} w_{s \to t}\, x_{s}, \qquad \sum_{t} w_{s \to t} = 1 $$

so that every total stays what it was. The figures must be sums (persons, stays, kroner); a rate is worked out anew from the
sums. A value that is hidden or missing stays so: what it is joined to cannot be known either.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from framsyn.errors import PlanError
from framsyn.sources.klass.weights import code_of, shares_of
from framsyn.sources.shapes import as_date

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["REPORT_COLUMNS", "carry"]

REPORT_COLUMNS = ["when", "source", "target", "kind", "share", "dates", "path", "rows", "unknown"]
WHOLE = 1.0


@dataclass(frozen=True)
class _Piece:
    """A share of a code on its way: where it is now, how much, which way it came."""

    code: str
    share: float
    path: tuple[str, ...]
    dates: tuple[str, ...]
    kinds: frozenset[str]


def carry(
    frame: pd.DataFrame,
    changes: pd.DataFrame,
    weights: pd.DataFrame | Mapping[tuple[str, str], float] | None,
    column: str,
    *,
    values: Sequence[str] = ("value",),
    when: str | None = None,
    until: dt.date | str | int | None = None,
    status: str | None = None,
    codes: Collection[str] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Carry the figures of a table to newer codes by weights.

    Parameters
    ----------
    frame : DataFrame
        One row for each code and whatever else identifies it; the values are sums.
    changes : DataFrame
        Columns ``old``, ``new``, ``date`` from :func:`framsyn.sources.klass.changes`.
    weights : DataFrame or Mapping of (source, target) to float [1], optional
        Shares of codes that were divided, such as :func:`framsyn.sources.klass.municipality_weights`. A code that went
        over whole needs none.
    column : str
        The column with the codes, as text.
    values : sequence of str
        The columns with figures; all other columns identify the row.
    when : str, optional
        Column with the year (its 1 January) or day that the row is about: only later changes touch it. Without it every
        change touches every row.
    until : date, str or int, optional
        The day of the new codes; changes after it are left out.
    status : str, optional
        Column with signs for values that are hidden or missing; a carried row has the first sign of its parts.
    codes : collection of str, optional
        The codes that hold on the new day (``codes_at(…)["code"]``). A code that is not among them afterwards is refused,
        and so is one that would go over whole although it still holds.

    Returns
    -------
    (DataFrame, DataFrame)
        The table on the new codes, with the columns it had. The report: a row for every old code and each of its
        successors, by ``when`` (as in the table): ``kind`` ("renumbered", "merged", "divided", "divided and merged"),
        ``share`` [1], ``dates``, ``path``, ``rows``, ``unknown`` (rows without a number), and of each value column what went
        that way.

    Raises
    ------
    PlanError
        ``column-missing``, ``code-unfit`` (a code that is no text), ``number-unfit``, ``row-twice``, ``weights-missing``,
        ``weights-unfit``, ``code-ended`` (no successor is named), ``code-still-holds``, ``unknown-code``

    >>> import pandas as pd
    >>> table = pd.DataFrame({"area": ["5012", "5011"], "value": [1000.0, 4000.0]})
    >>> rows = [("5012", "5055"), ("5012", "5056"), ("5012", "5059"), ("5011", "5055")]
    >>> moved = pd.DataFrame([(*pair, "2020-01-01") for pair in rows], columns=["old", "new", "date"])
    >>> shares = {("5012", "5055"): 0.35, ("5012", "5056"): 0.35, ("5012", "5059"): 0.3}
    >>> carried, report = carry(table, moved, shares, "area")
    >>> carried.set_index("area")["value"].to_dict()
    {'5055': 4350.0, '5056': 350.0, '5059': 300.0}
    >>> report[["source", "target", "kind", "share"]].values.tolist()[0]
    ['5012', '5055', 'divided and merged', 0.35]
    """
    import pandas as pd

    values = list(values)
    _fit_or_raise(frame, changes, column, values, when, status)
    if frame.empty:
        return frame.copy(), pd.DataFrame(columns=[*REPORT_COLUMNS, *values])
    last = as_date(until, "until").isoformat() if until is not None else "9999-12-31"
    steps = _steps(changes, shares_of(weights), last)
    clocks = _clock(frame, when)
    ways: dict[tuple[str, str], tuple[_Piece, ...]] = {}
    for code, clock in dict.fromkeys(zip(frame[column], clocks, strict=True)):
        ways[code, clock] = _way(code, clock, steps)
    # A number that was given anew holds again, for another municipality.
    renewed = {new for _, moved, _ in steps for old, group in moved.items() for new in group if new != old}
    _known_or_raise(ways, codes, column, renewed)

    parts = pd.DataFrame(
        [
            (code, clock, piece.code, piece.share, order)
            for (code, clock), pieces in ways.items()
            for order, piece in enumerate(pieces)
        ],
        columns=["__source", "__clock", "__target", "__share", "__order"],
    )
    whole = frame.rename(columns={column: "__source"}).assign(__clock=clocks, __row=range(len(frame)))
    split = whole.merge(parts, on=["__source", "__clock"], how="left").sort_values(["__row", "__order"])
    divided = bool((parts["__share"] != WHOLE).any()) if len(parts) else False
    for name in values:
        if divided:
            split[name] = split[name].astype(float) * split["__share"]
    report = _report(
        split, ways, values, {"": ""} if when is None else dict(zip(clocks, frame[when], strict=True))
    )
    keys = [key for key in frame if key not in values and key != status]
    split = split.rename(columns={"__target": column})
    grouped = split.groupby(keys, sort=False, dropna=False)
    # A sum with an unknown part is unknown: hidden is not nought.
    carried = grouped[values].sum(skipna=False)
    if status is not None:
        signs = split[status].mask(split[status] == "")
        carried[status] = (
            signs.groupby([split[key] for key in keys], sort=False, dropna=False).first().fillna("")
        )
    return carried.reset_index()[list(frame.columns)], report


def _fit_or_raise(
    frame: pd.DataFrame,
    changes: pd.DataFrame,
    column: str,
    values: list[str],
    when: str | None,
    status: str | None,
) -> None:
    import pandas as pd

    for table, name, wanted in (
        (frame, "the table", [column, *values, *filter(None, (when, status))]),
        (changes, "the changes", ["old", "new", "date"]),
    ):
        missing = [key for key in wanted if key not in table]
        if missing:
            message = (
                f"{name}: no column {', '.join(map(str, missing))}; it has {', '.join(map(str, table))}."
            )
            raise PlanError("column-missing", message, got=[str(key) for key in table], expected=wanted)
    for place, code in enumerate(frame[column]):
        if not isinstance(code, str) or not code.strip():
            message = (
                f"row {place + 1}: the code in {column} is {code!r}; expected a text. Read the column as text, so that "
                "0301 does not become 301."
            )
            raise PlanError("code-unfit", message, row=place + 1, got=str(code))
    for name in values:
        if not pd.api.types.is_numeric_dtype(frame[name]) or pd.api.types.is_bool_dtype(frame[name]):
            message = (
                f"the column {name} holds {frame[name].dtype}; expected numbers. Name the figures in values=."
            )
            raise PlanError("number-unfit", message, column=name, got=str(frame[name].dtype))
        if frame[name].isin([math.inf, -math.inf]).any():
            message = f"the column {name} holds an infinite number. Leave it blank, or mend it."
            raise PlanError("number-unfit", message, column=name)
    keys = [key for key in frame if key not in values and key != status]
    twice = frame.duplicated(keys)
    if twice.any():
        place = int(twice.to_numpy().argmax())
        row = {str(key): str(frame[key].iloc[place]) for key in keys}
        message = (
            f"row {place + 1}: {', '.join(f'{key} {said}' for key, said in row.items())} is there already."
        )
        raise PlanError(
            "row-twice", f"{message} Keep one row for each, or add the two up.", row=place + 1, got=row
        )


def _clock(frame: pd.DataFrame, when: str | None) -> list[str]:
    if when is None:
        return [""] * len(frame)
    days: dict[Any, str] = {}
    for value in frame[when].unique():
        whole = int(value) if isinstance(value, float) and value.is_integer() else value
        days[value] = as_date(whole, f"the column {when}").isoformat()
    return [days[value] for value in frame[when]]


def _steps(
    changes: pd.DataFrame, shares: dict[tuple[str, str, str], float], last: str
) -> list[tuple[str, dict[str, dict[str, float]], dict[str, int]]]:
    """What happens on each day, in order: the successors of every code with their shares, and who gets how many."""
    days: dict[str, dict[str, list[str]]] = {}
    for first, then, said in zip(changes["old"], changes["new"], changes["date"], strict=True):
        old, new = code_of(first, "changes"), code_of(then, "changes")
        date = as_date(said, "the column date of the changes").isoformat()
        if old and date <= last:
            successors = days.setdefault(date, {}).setdefault(old, [])
            if new and new not in successors:
                successors.append(new)
    steps = []
    for date in sorted(days):
        moved = {old: _shared(old, news, date, shares) for old, news in days[date].items()}
        received: dict[str, int] = {}
        for group in moved.values():
            for target in group:
                received[target] = received.get(target, 0) + 1
        steps.append((date, moved, received))
    return steps


def _shared(
    old: str, news: list[str], date: str, shares: dict[tuple[str, str, str], float]
) -> dict[str, float]:
    """Return the shares of one code on one day; of those given for that day, else for any day."""
    for day in (date, ""):
        given = {
            target: share for (source, target, at), share in shares.items() if (source, at) == (old, day)
        }
        if not given:
            continue
        # The code itself may keep a share, where KLASS tells of the part that left and not of the part that stayed.
        if news and set(given) - {old} != set(news) - {old}:
            message = (
                f"weights: {old} became {', '.join(news)} on {date}, and the weights name {', '.join(given)}. "
                "Give a share to each successor and to no other code."
            )
            raise PlanError("weights-unfit", message, source=old, date=date, got=list(given), expected=news)
        return given
    # A code that was divided without shares is only refused when a row of the table needs them.
    return {new: WHOLE if len(news) == 1 else math.nan for new in news}


def _way(
    code: str, clock: str, steps: list[tuple[str, dict[str, dict[str, float]], dict[str, int]]]
) -> tuple[_Piece, ...]:
    pieces = [_Piece(code, WHOLE, (code,), (), frozenset())]
    for date, moved, received in steps:
        if date <= clock:
            continue
        found: list[_Piece] = []
        for piece in pieces:
            found += _moved(piece, date, moved, received) if piece.code in moved else [piece]
        pieces = found
    return _joined(pieces)


def _joined(pieces: list[_Piece]) -> tuple[_Piece, ...]:
    """Make one piece of those that parted and met again in the same code."""
    found: dict[str, _Piece] = {}
    for piece in pieces:
        if piece.code not in found:
            found[piece.code] = piece
            continue
        other = found[piece.code]
        dates = tuple(sorted({*other.dates, *piece.dates}))
        path = (*other.path[:-1], *piece.path[1:])
        found[piece.code] = _Piece(
            piece.code, other.share + piece.share, path, dates, other.kinds | piece.kinds
        )
    return tuple(found.values())


def _moved(
    piece: _Piece, date: str, moved: dict[str, dict[str, float]], received: dict[str, int]
) -> list[_Piece]:
    group = moved[piece.code]
    if not group:
        message = (
            f"{piece.code} ended on {date} and KLASS names no successor. Give weights from {piece.code} to the codes that "
            "its figures belong to, or take its rows out."
        )
        raise PlanError("code-ended", message, got=piece.code, date=date)
    if any(math.isnan(share) for share in group.values()):
        message = (
            f"{piece.code} was divided on {date} between {', '.join(group)}, and no weights are given. Give a share to "
            "each; weights_from_counts works them out where it can."
        )
        raise PlanError("weights-missing", message, got=piece.code, date=date, expected=list(group))
    found = []
    for target, share in group.items():
        if share == 0:
            continue
        if target == piece.code and len(group) == 1:
            # A new name, the same municipality.
            found.append(piece)
            continue
        kinds = {"divided"} if len(group) > 1 else set()
        if received[target] > 1:
            kinds.add("merged")
        path = piece.path if target == piece.code else (*piece.path, target)
        found.append(_Piece(target, piece.share * share, path, (*piece.dates, date), piece.kinds | kinds))
    return found


def _known_or_raise(
    ways: dict[tuple[str, str], tuple[_Piece, ...]],
    codes: Collection[str] | None,
    column: str,
    renewed: Collection[str],
) -> None:
    if codes is None:
        return
    known = {str(code) for code in codes}
    for pieces in ways.values():
        for piece in pieces:
            left = piece.path[0]
            if left in known and left != piece.code and piece.share == WHOLE and left not in renewed:
                message = (
                    f"{left} would go over whole to {piece.code} ({' '.join(piece.dates)}), and {left} still holds on the "
                    f"new day. Give weights from {left} to {left} and to {piece.code}."
                )
                raise PlanError("code-still-holds", message, got=left, expected=[left, piece.code])
    unknown = sorted(
        {
            (piece.path[0], piece.code)
            for pieces in ways.values()
            for piece in pieces
            if piece.code not in known
        }
    )
    if unknown:
        told = ", ".join(old if old == new else f"{old} (now {new})" for old, new in unknown[:8])
        more = f" and {len(unknown) - 8} more" if len(unknown) > 8 else ""
        message = (
            f"the column {column} has codes that are not among those of the new day: {told}{more}. Is the column of the "
            "right classification, and do the changes begin early enough?"
        )
        raise PlanError("unknown-code", message, got=[old for old, _ in unknown], column=column)


def _report(
    split: pd.DataFrame,
    ways: dict[tuple[str, str], tuple[_Piece, ...]],
    values: list[str],
    said: dict[str, Any],
) -> pd.DataFrame:
    import pandas as pd

    found = split[[*values, "__source", "__clock", "__target"]].assign(
        rows=1, unknown=split[values].isna().any(axis=1).astype(int)
    )
    sums = found.groupby(["__source", "__clock", "__target"], sort=False)[["rows", "unknown", *values]].sum()
    rows = []
    for (code, clock), pieces in ways.items():
        for piece in pieces:
            if not piece.dates:
                continue
            kind = " and ".join(sorted(piece.kinds)) or "renumbered"
            total = sums.loc[(code, clock, piece.code)]
            rows.append(
                {
                    "when": said[clock],
                    "source": code,
                    "target": piece.code,
                    "kind": kind,
                    "share": piece.share,
                    "dates": " ".join(piece.dates),
                    "path": " → ".join(piece.path),
                    "rows": int(total["rows"]),
                    "unknown": int(total["unknown"]),
                    **{name: total[name] for name in values},
                }
            )
    return pd.DataFrame(rows, columns=[*REPORT_COLUMNS, *values])
