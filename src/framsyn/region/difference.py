"""What differs between two versions of a region: rows by their key, values by their column.

A row is known by the key columns that ``fields.csv`` declares, so that a row which only moved is no difference. Whole
numbers and numbers with decimals are the same when their values are; a blank number is the same as a blank number.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from framsyn.errors import PlanError
from framsyn.region.schema import Table, tables

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from numpy.typing import NDArray

    from framsyn.region.region import Region

__all__ = ["Change", "compare_regions", "compare_tables", "summarise"]

KINDS = ("added", "removed", "changed")
FACTS = ("label", "baseYear", "periods", "switches", "controlSums", "jointAreas", "gaps")
"""What the descriptor says of the region beside its tables, compared fact by fact under the table name ``region``."""


@dataclass(frozen=True)
class Change:
    """One difference.

    Attributes
    ----------
    table : str
        Name of the table; ``borders`` for the map and ``region`` for what the descriptor says.
    key : dict
        Key column → value of the row.
    column : str
        The column that changed; empty where the whole row came or went.
    before, after : object
        The values, None where there is none or the cell is blank. Of a whole row, a dict column → value of what is not key.
    kind : str
        ``added``, ``removed`` or ``changed``.
    """

    table: str
    key: dict[str, Any]
    column: str
    before: Any
    after: Any
    kind: str

    def as_dict(self) -> dict[str, Any]:
        """The difference as plain values, for JSON."""
        return asdict(self)


def compare_tables(table: str | Table, before: pd.DataFrame, after: pd.DataFrame) -> list[Change]:
    """Differences between two versions of one table.

    Parameters
    ----------
    table : str or Table
        Name of a declared table, or the declaration itself.
    before, after : DataFrame
        Rows with the table's columns, in any order of rows. A column that one side lacks counts as blank there.

    Returns
    -------
    list of Change
        Changed and added rows in the order of ``after``, then the removed ones in the order of ``before``.

    Raises
    ------
    PlanError
        No such table, a key column is missing, or a key stands twice.

    Examples
    --------
    >>> import pandas as pd
    >>> old = pd.DataFrame({"service_area": ["SOM", "SOM"], "month": [1, 2], "factor": [1.0, 1.1]})
    >>> new = pd.DataFrame({"service_area": ["SOM", "SOM"], "month": [2, 3], "factor": [1.2, 0.9]})
    >>> for change in compare_tables("season", old, new):
    ...     print(change.kind, change.key["month"], change.column or "row")
    changed 2 factor
    added 3 row
    removed 1 row
    """
    declared = _declared(table)
    old, new = _prepared(declared, before), _prepared(declared, after)
    rest = [name for name in declared.columns if name not in declared.key]
    place_old = old.index.get_indexer(new.index)
    shared = np.flatnonzero(place_old >= 0)
    differs = {
        name: _different(old[name].to_numpy()[place_old[shared]], new[name].to_numpy()[shared])
        for name in rest
    }
    found: list[tuple[int, Change]] = []
    for name in rest:
        for at in shared[np.flatnonzero(differs[name])]:
            values = old[name].iloc[int(place_old[at])], new[name].iloc[int(at)]
            change = Change(
                declared.name,
                _key(declared, new.index[at]),
                name,
                _plain(values[0]),
                _plain(values[1]),
                "changed",
            )
            found.append((int(at), change))
    for at in np.flatnonzero(place_old < 0):
        whole = {name: _plain(new[name].iloc[int(at)]) for name in rest}
        found.append(
            (int(at), Change(declared.name, _key(declared, new.index[at]), "", None, whole, "added"))
        )
    found.sort(key=lambda pair: pair[0])
    changes = [change for _, change in found]
    for at in np.flatnonzero(new.index.get_indexer(old.index) < 0):
        whole = {name: _plain(old[name].iloc[int(at)]) for name in rest}
        changes.append(Change(declared.name, _key(declared, old.index[at]), "", whole, None, "removed"))
    return changes


def compare_regions(before: Region, after: Region) -> list[Change]:
    """Differences between two regions: every table, the borders, and what the descriptor says.

    Parameters
    ----------
    before, after : Region

    Returns
    -------
    list of Change
        In the order of the tables; then ``borders`` by area and ``region`` by fact.

    Examples
    --------
    >>> from framsyn.region import Region
    >>> region = Region.load("midt-norge")
    >>> compare_regions(region, region)
    []
    """
    changes: list[Change] = []
    for table in tables().values():
        changes.extend(compare_tables(table, before.table(table.name), after.table(table.name)))
    changes.extend(_mapped("borders", "area", "geometry", _borders(before), _borders(after)))
    said = [{name: region.descriptor["framsyn"].get(name) for name in FACTS} for region in (before, after)]
    changes.extend(_mapped("region", "fact", "value", *said))
    return changes


def summarise(changes: Iterable[Change]) -> dict[str, dict[str, int]]:
    """How many rows came and went and how many values changed, by table in the order of the first difference.

    >>> one = Change("season", {"month": 1}, "factor", 1.0, 1.1, "changed")
    >>> summarise([one, one])
    {'season': {'added': 0, 'removed': 0, 'changed': 2}}
    """
    counts: dict[str, Counter[str]] = {}
    for change in changes:
        counts.setdefault(change.table, Counter())[change.kind] += 1
    return {table: {kind: counted[kind] for kind in KINDS} for table, counted in counts.items()}


def _declared(table: str | Table) -> Table:
    if isinstance(table, Table):
        return table
    if table not in tables():
        raise PlanError(
            "unknown-table",
            f"no table {table!r} in a region; expected one of {', '.join(tables())}.",
            got=table,
            expected=list(tables()),
        )
    return tables()[table]


def _prepared(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """The table's columns by its key; numbers as numbers, texts as texts, a missing column blank."""
    import pandas as pd

    lacking = [name for name in table.key if name not in frame.columns]
    if lacking:
        raise PlanError(
            "wrong-column",
            f"{table.name}: the key column {lacking[0]!r} is missing; expected {', '.join(table.key)}. Add it.",
            table=table.name,
            expected=table.key,
        )
    columns = {}
    for field in table.fields:
        if field.name not in frame.columns:
            blank = "" if field.type == "string" else None
            columns[field.name] = pd.Series(blank, index=range(len(frame)), dtype=object)
        elif field.type == "string":
            text = frame[field.name].astype(object)
            columns[field.name] = text.where(text.notna(), "").reset_index(drop=True)
        else:
            columns[field.name] = pd.to_numeric(frame[field.name]).reset_index(drop=True)
    made = pd.DataFrame(columns)
    double = made.duplicated(table.key).to_numpy()
    if double.any():
        first = ", ".join(f"{name} {made[name].iloc[int(double.argmax())]}" for name in table.key)
        raise PlanError(
            "duplicate-row",
            f"{table.name}: {first} stands twice; expected one row for each combination of {', '.join(table.key)}. "
            "Take one of the two out.",
            table=table.name,
            got=first,
        )
    return made.set_index(
        pd.MultiIndex.from_frame(made[table.key]) if len(table.key) > 1 else pd.Index(made[table.key[0]])
    )


def _different(before: NDArray[Any], after: NDArray[Any]) -> NDArray[np.bool_]:
    """Where two columns differ; blank and blank are the same."""
    import pandas as pd

    blank_before, blank_after = pd.isna(before), pd.isna(after)
    unequal = np.asarray(before != after, dtype=bool)
    return np.asarray(np.where(blank_before | blank_after, blank_before != blank_after, unequal), dtype=bool)


def _plain(value: Any) -> Any:
    """A Python value; None for a blank number."""
    if value is None or (isinstance(value, float | np.floating) and np.isnan(value)):
        return None
    return value.item() if isinstance(value, np.generic) else value


def _key(table: Table, index: Any) -> dict[str, Any]:
    parts = index if isinstance(index, tuple) else (index,)
    return {name: _plain(part) for name, part in zip(table.key, parts, strict=True)}


def _borders(region: Region) -> dict[str, str]:
    """A short digest of every municipality's border, by area; empty without a map."""
    path = region.folder / "borders.geojson"
    if not path.is_file():
        return {}
    drawn = json.loads(path.read_text(encoding="utf-8"))
    return {
        part["properties"]["area"]: hashlib.sha256(
            json.dumps(part["geometry"], sort_keys=True).encode()
        ).hexdigest()[:16]
        for part in drawn["features"]
    }


def _mapped(table: str, key: str, column: str, before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """Differences between two mappings, as changes of a table with one key and one column."""
    changes = []
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        kind = "added" if old is None else "removed" if new is None else "changed"
        changes.append(Change(table, {key: name}, column, old, new, kind))
    return changes
