"""Looking things up by their codes: a region by name, a label, a parameter; and the error when there is no such thing."""

from __future__ import annotations

import csv
from difflib import get_close_matches
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framsyn.errors import PlanError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["find_parameter", "find_region", "labels", "unknown"]


def find_parameter(frame: pd.DataFrame, name: str, asked: dict[str, str | None]) -> pd.Series:
    """The row of a parameter that says most about the place asked for.

    Parameters
    ----------
    frame : DataFrame
        The table ``parameters``; a blank key column fits all.
    name : str
    asked : dict of str to str or None
        ``service_area``, ``level`` and ``profession``.

    Raises
    ------
    PlanError
        ``unknown-parameter``, ``no-parameter`` (no row fits) or ``ambiguous-parameter`` (two fit equally well).
    """
    where = ", ".join(f"{key} {value}" for key, value in asked.items() if value) or "no further key"
    rows = [index for index, key in enumerate(frame["parameter"].tolist()) if key == name]
    if not rows:
        raise unknown("parameter", name, tuple(frame["parameter"].drop_duplicates()))
    fitting: list[tuple[int, int]] = []
    columns = {key: frame[key].array for key in asked}
    for index in rows:
        said = [(key, str(column[index])) for key, column in columns.items()]
        if all(text in ("", asked[key]) for key, text in said):
            fitting.append((sum(text != "" for _, text in said), index))
    best = max((count for count, _ in fitting), default=-1)
    winners = [index for count, index in fitting if count == best]
    if len(winners) != 1:
        problem = "no row fits" if not winners else f"{len(winners)} rows fit equally well"
        at = [index + 2 for index in (winners or rows)]
        raise PlanError(
            "no-parameter" if not winners else "ambiguous-parameter",
            f"parameters.csv: {problem} for parameter {name!r} with {where}; rows {at} were looked at. "
            "Name service_area, level or profession as the table does, or add a row with blanks that fits all.",
            file="parameters.csv",
            row=at[0],
            got=where,
            expected="exactly one row",
        )
    return frame.iloc[winners[0]]


def find_region(name_or_path: str | Path) -> Path:
    """Folder of a region that comes along, or the folder that was named."""
    text = str(name_or_path)
    shipped = Path(str(resources.files("framsyn"))) / "regions"
    if isinstance(name_or_path, str) and "/" not in text and "\\" not in text and (shipped / text).is_dir():
        return shipped / text
    folder = Path(name_or_path)
    if folder.is_dir():
        return folder
    names = sorted(entry.name for entry in shipped.iterdir() if (entry / "datapackage.json").is_file())
    raise PlanError(
        "unknown-region",
        f"no region {text!r}: neither a folder nor one of the regions that come along ({', '.join(names)}). "
        "Mend the name, or give the path of a folder with datapackage.json.",
        got=text,
        expected=names,
    )


@cache
def labels() -> list[dict[str, str]]:
    """Names of codes in the three language forms; rows of ``labels.csv``."""
    text = resources.files("framsyn.region").joinpath("labels.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def unknown(kind: str, got: Any, expected: tuple[Any, ...]) -> PlanError:
    """The error for a code that is not among the expected, with the nearest one that is."""
    near = get_close_matches(str(got), [str(value) for value in expected], n=1)
    hint = f"Did you mean {near[0]!r}?" if near else "Mend the name."
    shown = ", ".join(str(value) for value in expected[:12]) + (" …" if len(expected) > 12 else "")
    return PlanError(
        f"unknown-{kind.replace(' ', '-')}",
        f"no {kind} {got!r}; expected one of {shown}. {hint}",
        got=got,
        expected=list(expected),
    )
