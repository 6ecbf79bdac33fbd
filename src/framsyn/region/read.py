"""Strict reading of a region's tables: one clear error instead of a silent wrong answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from framsyn.errors import PlanError
from framsyn.region.descriptor import check_inside, check_shape, parse_descriptor
from framsyn.region.schema import Field, Table, tables

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

__all__ = ["read_descriptor", "read_table", "read_tables"]

DESCRIPTOR = "datapackage.json"
LARGEST = 1e15  # a thousand billion kroner are 1e12; above 2**53 a whole number would lose its last digit


def read_descriptor(folder: Path) -> dict[str, Any]:
    """The Data Package descriptor of a region folder.

    Raises
    ------
    PlanError
        The file is missing, leads out of the folder, is not JSON, or lacks what a region needs.
    """
    path = folder / DESCRIPTOR
    if not path.is_file():
        raise PlanError(
            "no-region",
            f"{folder}: no {DESCRIPTOR} here; a region folder holds {DESCRIPTOR} and tables/. "
            "Name such a folder, or make one with `framsyn region build`.",
            file=str(path),
        )
    check_inside(folder, path)
    descriptor = parse_descriptor(path)
    if not isinstance(descriptor, dict):
        raise PlanError(
            "bad-descriptor",
            f"{path}: got a {type(descriptor).__name__}; expected one JSON object.",
            file=str(path),
        )
    missing = [key for key in ("name", "title", "resources", "sources", "framsyn") if key not in descriptor]
    if missing:
        raise PlanError(
            "bad-descriptor",
            f"{path}: the key {missing[0]!r} is missing. Add it, or build the region again with "
            "`framsyn region build`.",
            file=str(path),
            expected=missing[0],
        )
    check_shape(path, descriptor)
    _check_declared(path, descriptor)
    return descriptor


def read_tables(folder: Path, descriptor: dict[str, Any]) -> dict[str, pd.DataFrame]:
    """All tables of a region folder, each checked by itself and against the others."""
    known: dict[str, tuple[str, ...]] = {
        "@sources": tuple(source["name"] for source in descriptor["sources"]),
        "@periods": tuple(descriptor["framsyn"]["periods"]),
    }
    frames: dict[str, pd.DataFrame] = {}
    for table in tables().values():
        path = folder / "tables" / f"{table.name}.csv"
        check_inside(folder, path)
        frame = read_table(path, table, known)
        frames[table.name] = frame
        for field in table.fields:
            if len(table.key) == 1 and field.key and field.type == "string":
                known[f"@{table.name}.{field.name}"] = tuple(frame[field.name])
    for table in tables().values():
        if table.complete:
            _check_complete(folder / "tables" / f"{table.name}.csv", table, frames[table.name], known)
    return frames


def read_table(path: Path, table: Table, known: dict[str, tuple[str, ...]]) -> pd.DataFrame:
    """One table, with every value checked against its declaration.

    Parameters
    ----------
    path : Path
        The CSV file: UTF-8, comma, header.
    table : Table
        The declaration.
    known : dict of str to tuple of str
        What ``@sources``, ``@periods`` and ``@table.field`` stand for.

    Raises
    ------
    PlanError
        A column is missing or unknown; a value is blank, not a number, outside its limits or not among the allowed;
        a key stands twice. The message names the file and the row as a text editor counts it (the header is row 1).
    """
    import pandas as pd

    if not path.is_file():
        raise PlanError(
            "missing-table",
            f"{path}: the file is missing; a region needs the table {table.name} ({table.title.lower()}). "
            "Put it back, or build the region again with `framsyn region build`.",
            file=path.name,
        )
    try:
        raw = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8", skip_blank_lines=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise PlanError(
            "bad-csv",
            f"{path.name}: not readable as CSV ({str(error).strip()}). Save it as UTF-8 with comma and a header row.",
            file=path.name,
        ) from error
    _check_header(path, table, list(raw.columns))
    if not isinstance(raw.index, pd.RangeIndex):  # the reader makes an index of what has no head
        raise PlanError(
            "bad-csv",
            f"{path.name} row 2: more values than the {len(table.columns)} columns of the header. Write decimals with a "
            "point, put texts that hold a comma in quotes, and take commas at the end of rows out.",
            file=path.name,
            row=2,
            expected=len(table.columns),
        )
    columns = {}
    for field in table.fields:
        column = raw[field.name]
        if field.type == "string":
            columns[field.name] = _read_text(path, field, column, known)
        else:
            columns[field.name] = _read_number(path, field, column)
    frame = pd.DataFrame(columns)
    _check_key(path, table, frame)
    return frame


def _check_declared(path: Path, descriptor: dict[str, Any]) -> None:
    """Units and columns of the descriptor are those that the engine calculates with."""
    declared = {resource.get("name"): resource for resource in descriptor["resources"]}
    for table in tables().values():
        if table.name not in declared:
            raise PlanError(
                "missing-resource",
                f"{path.name}: no resource named {table.name!r}. Add it, or build the region again.",
                file=path.name,
                expected=table.name,
            )
        fields = {
            field.get("name"): field for field in declared[table.name].get("schema", {}).get("fields", [])
        }
        for field in table.fields:
            got = fields.get(field.name, {}).get("unit", "")
            if field.name in fields and got != field.unit:
                raise PlanError(
                    "wrong-unit",
                    f"{path.name}: table {table.name}, column {field.name!r} has unit {got!r}; the engine calculates "
                    f"with {field.unit!r}. Convert the values and write {field.unit!r}.",
                    file=path.name,
                    table=table.name,
                    field=field.name,
                    got=got,
                    expected=field.unit,
                )


def _check_header(path: Path, table: Table, got: list[str]) -> None:
    expected = table.columns
    if got == expected:
        return
    unknown = [name for name in got if name not in expected]
    missing = [name for name in expected if name not in got]
    if unknown:
        what = f"unknown column {unknown[0]!r}"
        way_out = f"Rename it to {missing[0]!r} or take it out." if missing else "Take it out."
    elif missing:
        what, way_out = f"column {missing[0]!r} is missing", f"Add the column {missing[0]!r}."
    else:
        what, way_out = "the columns stand in another order or twice", "Put them in the expected order."
    raise PlanError(
        "wrong-column",
        f"{path.name} row 1: {what}; expected the columns {', '.join(expected)}. {way_out}",
        file=path.name,
        row=1,
        got=got,
        expected=expected,
    )


def _first(mask: np.ndarray) -> int:
    """Index of the first true value."""
    return int(mask.argmax())


def _read_text(path: Path, field: Field, column: pd.Series, known: dict[str, tuple[str, ...]]) -> pd.Series:
    present = column.drop_duplicates()
    blank = {text for text in present if not text.strip()}
    if blank and not field.blank:
        row = _first(column.isin(list(blank)).to_numpy(dtype=bool))
        raise _value_error("blank", path, field, row, "", "a value")
    if field.allowed:
        allowed: set[str] = set()
        for entry in field.allowed:
            allowed.update(known[entry] if entry in known else (entry,))
        wrong = set(present) - allowed - ({""} if field.blank else set())
        if wrong:
            row = _first(column.isin(list(wrong)).to_numpy(dtype=bool))
            raise _value_error("unknown-code", path, field, row, str(column.iloc[row]), _listed(allowed))
    return column


def _read_number(path: Path, field: Field, column: pd.Series) -> pd.Series:
    import numpy as np
    import pandas as pd

    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64)
    bad = ~np.isfinite(values)
    blank = column.eq("").to_numpy(dtype=bool) if field.blank else np.zeros(len(values), dtype=bool)
    bad &= ~blank
    what = "a whole number" if field.type == "integer" else "a number"
    if bad.any():
        row = _first(bad)
        raise _value_error("not-a-number", path, field, row, str(column.iloc[row]), what + _limits(field))
    with np.errstate(invalid="ignore"):
        outside = np.abs(values) > LARGEST
        if field.minimum is not None:
            outside |= values < field.minimum
        if field.maximum is not None:
            outside |= values > field.maximum
        if field.type == "integer":
            outside |= values != np.floor(values)
            outside &= ~blank
    if outside.any():
        row = _first(outside)
        raise _value_error("out-of-range", path, field, row, str(column.iloc[row]), what + _limits(field))
    if (
        field.type == "integer" and not blank.any()
    ):  # a whole number cannot be blank: such a column stays a float
        values = values.astype(np.int64)
    return pd.Series(values, name=field.name)


def _limits(field: Field) -> str:
    unit = "" if field.unit in {"", "1"} else f" [{field.unit}]"
    if field.minimum is not None and field.maximum is not None:
        return f" from {field.minimum:g} to {field.maximum:g}{unit}"
    if field.minimum is not None:
        return f" not under {field.minimum:g}{unit}"
    return f"{unit} of at most 15 digits"


def _listed(allowed: set[str], limit: int = 8) -> str:
    names = sorted(repr(name) for name in allowed)
    more = f" … ({len(names)} in all)" if len(names) > limit else ""
    return "one of " + ", ".join(names[:limit]) + more


def _value_error(code: str, path: Path, field: Field, row: int, got: str, expected: str) -> PlanError:
    line = row + 2  # the header is row 1
    return PlanError(
        code,
        f"{path.name} row {line}: column {field.name!r} has {got!r}; expected {expected}. "
        f"{field.description}. Mend the value in that row.",
        file=path.name,
        row=line,
        column=field.name,
        got=got,
        expected=expected,
    )


def _check_key(path: Path, table: Table, frame: pd.DataFrame) -> None:
    duplicate = frame.duplicated(table.key, keep="first").to_numpy()
    if not duplicate.any():
        return
    row = _first(duplicate)
    same = (frame[table.key] == frame[table.key].iloc[row]).all(axis=1).to_numpy()
    key = ", ".join(f"{name} {frame[name].iloc[row]!s}" for name in table.key)
    raise PlanError(
        "duplicate-row",
        f"{path.name} row {row + 2}: {key} stands twice, first in row {_first(same) + 2}; expected one row for each "
        f"combination of {', '.join(table.key)}. Take one of the two out.",
        file=path.name,
        row=row + 2,
        got=key,
        expected="one row",
    )


def _check_complete(path: Path, table: Table, frame: pd.DataFrame, known: dict[str, tuple[str, ...]]) -> None:
    """Every combination of the table's complete columns is there, and every known code of a referred column."""
    import numpy as np
    import pandas as pd

    if frame.empty:  # no combination of nothing is missing, and a region of nobody would be the silent answer
        raise PlanError(
            "missing-row",
            f"{path.name}: a header and no row; expected a row for every combination of {', '.join(table.complete)}. "
            "Put the rows back, or build the region again with `framsyn region build`.",
            file=path.name,
            row=None,
            got=0,
            expected="rows",
        )
    levels = []
    for name in table.complete:
        references = [known[entry] for entry in table.field(name).references if entry in known]
        present = frame[name].drop_duplicates()
        levels.append(pd.Index(sorted(set(present).union(*references))))
    expected = int(np.prod([len(level) for level in levels]))
    keys = frame[list(table.complete)].drop_duplicates()
    if len(keys) == expected:
        return
    full = pd.MultiIndex.from_product(levels, names=table.complete)
    lacking = full.difference(pd.MultiIndex.from_frame(keys))[0]
    where = ", ".join(f"{name} {value}" for name, value in zip(table.complete, lacking, strict=True))
    raise PlanError(
        "missing-row",
        f"{path.name}: no row for {where}; got {len(keys)} combinations of {', '.join(table.complete)}, expected "
        f"{expected}. Add the row (a count of none is written 0), or take the code out of its own table.",
        file=path.name,
        row=None,
        got=len(keys),
        expected=expected,
        missing=where,
    )
