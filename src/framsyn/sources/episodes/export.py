"""What leaves the private store: cells added up to a stated level, small counts protected, the protection attacked first."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from framsyn.errors import PlanError
from framsyn.methods.disclosure import recomputed, rounded, suppressed, with_margins
from framsyn.sources.episodes.query import MEASURES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["AGE_BANDS", "LEVEL_COLUMNS", "Exported", "banded", "export_cells", "read_level"]

LEVEL_COLUMNS = ("service", "level", "age", "sex", "area", "year", "month")
AGE_BANDS = (0, 18, 50, 67, 80)
LARGEST = 200_000  # entries of a table that is protected at once
TOTAL = "all"


@dataclass(frozen=True)
class Exported:
    """A table that was given out.

    Attributes
    ----------
    path : Path
    entries, hidden : int
        Entries of the table with its totals, and how many of them are hidden (0 when rounded).
    judged_by : {"people", "episodes"}
        What a small count was judged by.
    """

    path: Path
    entries: int
    hidden: int
    judged_by: str


def banded(age: NDArray[np.int64] | pd.Series, bands: Sequence[int] = AGE_BANDS) -> NDArray[np.str_]:
    """Return the age band of each age.

    >>> banded(np.array([0, 17, 18, 99])).tolist()
    ['0-17', '0-17', '18-49', '80+']
    """
    names = [f"{low}-{high - 1}" for low, high in pairwise(bands)] + [f"{bands[-1]}+"]
    return np.array(names)[np.searchsorted(np.array(bands), np.asarray(age), side="right") - 1]


def read_level(level: Sequence[str]) -> tuple[str, ...]:
    """Check a level, that is, what the entries of a table tell apart, and put it in order.

    >>> read_level(["year", "area"])
    ('area', 'year')
    """
    strange = [name for name in level if name not in LEVEL_COLUMNS]
    if strange or not level or len(set(level)) < len(level):
        message = (
            f"the level is {','.join(level) or 'empty'}; it names some of {', '.join(LEVEL_COLUMNS)}, each once. "
            "Write it as service,area,year."
        )
        raise PlanError("level-unfit", message, got=list(level), expected=list(LEVEL_COLUMNS))
    return tuple(name for name in LEVEL_COLUMNS if name in level)


def export_cells(
    folder: Path,
    out: Path,
    level: Sequence[str],
    measure: str = "stays",
    *,
    method: str = "suppress",
    threshold: int = 5,
    seed: int = 1,
) -> Exported:
    """Write a protected table of one measure, with all its totals, as CSV and what was done to it as JSON beside.

    A small count is one of few persons where the folder holds persons at this level (``people`` of
    :func:`~framsyn.sources.episodes.build.build_cells`), else one of few episodes; the file says which.

    Parameters
    ----------
    folder : Path
        Cells.
    out : Path
        The CSV file; an empty value is a hidden one.
    level : sequence of str
        What entries tell apart; ages in bands.
    measure : {"stays", "bed_days", "day_treatments", "outpatient_contacts"}
    method : {"suppress", "round"}
        Hide small counts and what would give them away, or round every entry to a multiple of the threshold.
    threshold : int
    seed : int
        Of the rounding.

    Returns
    -------
    Exported

    Raises
    ------
    PlanError
        The level or the measure is unknown, the table is too large, or it cannot be protected.
    """
    chosen = read_level(level)
    if measure not in MEASURES or method not in ("suppress", "round") or threshold < 2:
        message = (
            f"measure {measure}, method {method}, threshold {threshold}; a measure is one of {', '.join(MEASURES)}, a "
            "method suppress or round, and a threshold at least 2."
        )
        raise PlanError("export-unfit", message, got=[measure, method, threshold])
    cells, people = _read(folder, chosen, measure)
    labels = [sorted(cells[name].unique().tolist(), key=_order) for name in chosen]
    shape = tuple(len(known) for known in labels)
    if int(np.prod([size + 1 for size in shape], dtype=float)) > LARGEST:
        message = (
            f"a table by {', '.join(chosen)} has {np.prod(shape, dtype=float):,.0f} entries; at most {LARGEST:,} are "
            "protected at once. Take one of them out."
        )
        raise PlanError("table-too-large", message, got=list(shape), expected=LARGEST)
    counts = _dense(cells, chosen, labels, measure)
    behind = (
        _dense(people, chosen, labels, "people")
        if people is not None
        else _dense(cells, chosen, labels, "episodes")
    )
    full = with_margins(counts)
    if method == "round":
        shown, hidden = rounded(counts, threshold, seed), np.zeros(full.shape, bool)
    else:
        hidden = suppressed(counts, threshold, behind)
        if recomputed(full, hidden).any():  # the audit is made on what is about to leave, whoever hid it
            message = "a hidden entry could be worked out from the others; nothing was written. Publish a coarser level."
            raise PlanError("cannot-protect", message)
        shown = full
    table = pd.MultiIndex.from_product(
        [[*map(str, known), TOTAL] for known in labels], names=list(chosen)
    ).to_frame(index=False)
    table[measure] = pd.array(np.where(hidden.ravel(), 0, shown.ravel()), dtype="Int64")
    table.loc[hidden.ravel(), measure] = pd.NA
    about = {
        "measure": measure,
        "level": list(chosen),
        "method": method,
        "threshold": threshold,
        "judged_by": "people" if people is not None else "episodes",
        "entries": int(full.size),
        "hidden": int(hidden.sum()),
        "audit": "no hidden entry can be worked out from the others"
        if method == "suppress"
        else "no small count can be",
        "cells": json.loads((folder / "manifest.json").read_text(encoding="utf-8")),
    }
    _write_whole(out, table.to_csv(index=False, lineterminator="\n"))
    _write_whole(out.with_suffix(".json"), json.dumps(about, ensure_ascii=False, indent=1) + "\n")
    return Exported(out, int(full.size), int(hidden.sum()), str(about["judged_by"]))


def _read(folder: Path, level: tuple[str, ...], measure: str) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Read the cells of a folder at a level, and the persons behind them where they are kept."""
    if not (folder / "cells.parquet").is_file():
        message = (
            f"{folder}: there are no cells. Make them: framsyn cells build --source FILE --out {folder}."
        )
        raise PlanError("cells-missing", message, folder=str(folder))
    wanted = [*level, measure, "episodes"]
    cells = pd.read_parquet(folder / "cells.parquet", columns=wanted)
    if "age" in level:
        cells["age"] = banded(cells["age"])
    cells = cells.groupby(list(level), as_index=False, observed=True).sum()
    kept = folder / f"people-{'-'.join(level)}.parquet"
    return cells, pd.read_parquet(kept) if kept.is_file() else None


def _dense(
    frame: pd.DataFrame, level: tuple[str, ...], labels: list[list[Any]], value: str
) -> NDArray[np.int64]:
    out = np.zeros([len(known) for known in labels], dtype=np.int64)
    places = []
    for name, known in zip(level, labels, strict=True):
        places.append(pd.Index(known).get_indexer(pd.Index(frame[name])))
    inside = np.all([place >= 0 for place in places], axis=0)
    np.add.at(out, tuple(place[inside] for place in places), frame[value].to_numpy(dtype=np.int64)[inside])
    return out


def _order(label: Any) -> tuple[int, Any]:
    """Order ages by number and all else as it is."""
    text = str(label)
    head = text.rstrip("+").split("-")[0]
    return (0, int(head)) if head.isdigit() and ("-" in text or "+" in text) else (1, label)


def _write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
