"""A cube of figures: dimensions with codes, one value and one standard sign per cell, read from JSON-stat 2.

Three cells that a spreadsheet would show alike are kept apart: a zero is a number, a hidden number (":") is none that may be
taken for zero, and a missing number ("..") was never there.

References
----------
JSON-stat 2.0, https://json-stat.org/full/. Statistics Norway, "Standardtegn i tabeller" (standard signs).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from framsyn.errors import PlanError
from framsyn.sources.fetching.answers import read_json

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Cube",
    "Dimension",
    "HIDDEN",
    "MISSING",
    "NOT_APPLICABLE",
    "join_cubes",
    "read_cube",
    "read_dimensions",
]

HIDDEN = ":"
MISSING = ".."
NOT_APPLICABLE = "."
# Under these signs there is no number, whatever stands in its place.
NO_NUMBER = frozenset({HIDDEN, MISSING, NOT_APPLICABLE, "..."})
# More than any answer of StatBank (800 000); a size beyond it is a broken document or a trap.
MOST_CELLS = 20_000_000
TAKEN = ("value", "status")


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension of a cube.

    Attributes
    ----------
    code : str
        Such as ``"Region"``.
    label : str
    codes : tuple of str
        In the order of the cells.
    labels : tuple of str
        Of the codes; the code where none is given.
    """

    code: str
    label: str
    codes: tuple[str, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Cube:
    """Figures by dimension.

    Attributes
    ----------
    label, source, updated : str
        As the service gives them; blank where it does not.
    dimensions : tuple of Dimension
    value : ndarray of float, dims (dimension, ...)
        NaN where there is no number.
    status : ndarray of str, dims as value
        ``""`` known, ``":"`` hidden, ``"."`` not applicable, ``".."`` missing, and what else the service sets, such as
        ``"*"`` preliminary.
    notes : tuple of str
        What the publisher says of the table, such as a break in a series.
    """

    label: str
    source: str
    updated: str
    dimensions: tuple[Dimension, ...]
    value: np.ndarray
    status: np.ndarray
    notes: tuple[str, ...] = ()

    def dimension(self, code: str) -> Dimension:
        """Return the dimension with a code, or say which there are."""
        for dimension in self.dimensions:
            if dimension.code == code:
                return dimension
        there = ", ".join(dimension.code for dimension in self.dimensions)
        message = f'{self.label or "the table"}: there is no dimension "{code}"; it has {there}.'
        raise PlanError("source-changed", message, missing=code, there=[d.code for d in self.dimensions])

    def frame(self) -> pd.DataFrame:
        """Return one row per cell, in the order of the dimensions.

        Returns
        -------
        DataFrame
            One column of codes (text) per dimension, ``value`` (float, NaN without a number) and ``status`` (text).

        >>> document = {"version": "2.0", "class": "dataset", "id": ["Tid"], "size": [3], "value": [0, None, None],
        ...             "status": {"1": ":"}, "dimension": {"Tid": {"category": {"index": ["2023", "2024", "2025"]}}}}
        >>> read_cube(document).frame()
            Tid  value status
        0  2023    0.0
        1  2024    NaN      :
        2  2025    NaN     ..
        """
        import pandas as pd

        columns: dict[str, Any] = {}
        shape = self.value.shape
        for place, dimension in enumerate(self.dimensions):
            inner = int(np.prod(shape[place + 1 :], dtype=np.int64))
            outer = int(np.prod(shape[:place], dtype=np.int64))
            places = np.tile(np.repeat(np.arange(shape[place]), inner), outer)
            columns[dimension.code] = pd.array(dimension.codes, dtype="str").take(places)
        columns["value"] = self.value.ravel()
        columns["status"] = pd.array(self.status.ravel(), dtype="str")
        return pd.DataFrame(columns)


def read_cube(document: Any, where: str = "JSON-stat") -> Cube:
    """Read a JSON-stat 2 dataset.

    Parameters
    ----------
    document : dict, str or bytes
        Values as a list or a sparse object, categories as a list or an object, status as a list, an object or one sign.
    where : str
        Named in errors, such as ``"ssb 07459"``.

    Returns
    -------
    Cube

    Raises
    ------
    PlanError
        ``source-changed``: the document is none, or not whole. ``source-too-large``: it claims more cells than any table
        has.
    """
    if isinstance(document, (str, bytes)):
        document = read_json(document, where)
    dimensions = read_dimensions(document, where)
    shape = tuple(len(dimension.codes) for dimension in dimensions)
    cells = 1
    for size in shape:
        cells *= size
    if cells > MOST_CELLS:
        message = f"{where}: the document claims {cells} cells; more than {MOST_CELLS} are not read. Ask for less at a time."
        raise PlanError("source-too-large", message, source=where, got=cells, limit=MOST_CELLS)
    value = _values(document, cells, where)
    status = _statuses(document, cells, where)
    value[np.isin(status, list(NO_NUMBER))] = np.nan
    status[np.isnan(value) & (status == "")] = MISSING
    return Cube(
        _text(document.get("label")),
        _text(document.get("source")),
        _text(document.get("updated")),
        dimensions,
        value.reshape(shape),
        status.reshape(shape),
        _notes(document),
    )


def read_dimensions(document: Any, where: str = "JSON-stat") -> tuple[Dimension, ...]:
    """Read the dimensions of a JSON-stat 2 dataset; its values may be absent, as in metadata.

    Raises
    ------
    PlanError
        ``source-changed``
    """
    if not isinstance(document, Mapping) or document.get("class") != "dataset":
        got = document.get("class") if isinstance(document, Mapping) else type(document).__name__
        raise _broken(where, f'it is no dataset of JSON-stat 2 (class "{got}")')
    version = document.get("version", "2.0")
    if not isinstance(version, str) or not version.startswith("2"):
        raise _broken(where, f'its version is "{version}", not 2.0')
    names = document.get("id")
    if not isinstance(names, list) or not names or not all(isinstance(name, str) and name for name in names):
        raise _broken(where, '"id" is no list of the names of dimensions')
    if len(set(names)) < len(names):
        raise _broken(where, f'"id" names a dimension twice ({", ".join(names)})')
    clash = [name for name in names if name in TAKEN]
    if clash:
        raise _broken(where, f'a dimension is called "{clash[0]}", which is the name of a column of figures')
    sizes = document.get("size")
    if not isinstance(sizes, list) or len(sizes) != len(names):
        raise _broken(where, f'"size" does not give one number for each of {", ".join(names)}')
    described = document.get("dimension")
    if not isinstance(described, Mapping):
        raise _broken(where, '"dimension" is no object')
    found = []
    for name, size in zip(names, sizes, strict=True):
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise _broken(where, f'the size of "{name}" is {str(size)[:40]!r}, not a count')
        if not isinstance(described.get(name), Mapping):
            raise _broken(where, f'dimension "{name}" is named but not described')
        found.append(_dimension(name, size, described[name], where))
    return tuple(found)


def join_cubes(parts: Sequence[Cube], along: str) -> Cube:
    """Put cubes together along one dimension, in the order given.

    Parameters
    ----------
    parts : sequence of Cube
        Alike in every other dimension.
    along : str
        Code of the dimension that was cut.

    Returns
    -------
    Cube

    Raises
    ------
    PlanError
        ``source-changed``: the parts do not fit, so that the table was changed between two calls.
    """
    first = parts[0]
    place = [dimension.code for dimension in first.dimensions].index(first.dimension(along).code)
    for part in parts[1:]:
        for at, (one, other) in enumerate(zip(first.dimensions, part.dimensions, strict=False)):
            if one.code != other.code or (at != place and one.codes != other.codes):
                message = (
                    f'{first.label}: two parts of the answer differ in "{one.code}". The table was changed meanwhile; run '
                    "the same again."
                )
                raise PlanError("source-changed", message, dimension=one.code)
    pieces = [part.dimensions[place] for part in parts]
    whole = Dimension(
        pieces[0].code,
        pieces[0].label,
        tuple(code for piece in pieces for code in piece.codes),
        tuple(label for piece in pieces for label in piece.labels),
    )
    dimensions = (*first.dimensions[:place], whole, *first.dimensions[place + 1 :])
    return Cube(
        first.label,
        first.source,
        max(part.updated for part in parts),
        dimensions,
        np.concatenate([part.value for part in parts], axis=place),
        np.concatenate([part.status for part in parts], axis=place),
        tuple(dict.fromkeys(note for part in parts for note in part.notes)),
    )


def _dimension(name: str, size: int, described: Mapping[str, Any], where: str) -> Dimension:
    category = described.get("category")
    if not isinstance(category, Mapping):
        raise _broken(where, f'dimension "{name}" has no categories')
    labels = category.get("label", {})
    if not isinstance(labels, Mapping):
        raise _broken(where, f'the labels of "{name}" are no object')
    index = category.get("index")
    if index is None and size == 1 and len(labels) == 1:
        # A constant may give its only category by its label alone.
        index = list(labels)
    codes = _codes(name, index, where)
    if len(codes) != size:
        raise _broken(where, f'"{name}" has {len(codes)} categories and says {size}')
    return Dimension(
        name,
        _text(described.get("label")) or name,
        codes,
        tuple(_text(labels.get(code)) or code for code in codes),
    )


def _codes(name: str, index: Any, where: str) -> tuple[str, ...]:
    if isinstance(index, Mapping):
        places = list(index.values())
        counted = all(isinstance(place, int) and not isinstance(place, bool) for place in places)
        if not counted or sorted(places) != list(range(len(places))):
            raise _broken(
                where, f'the places of the categories of "{name}" do not count from 0 without a gap'
            )
        return tuple(sorted(index, key=lambda code: index[code]))
    if not isinstance(index, list) or not all(isinstance(code, str) for code in index):
        raise _broken(where, f'the categories of "{name}" are no list of codes')
    if len(set(index)) < len(index):
        raise _broken(where, f'"{name}" has a category twice')
    return tuple(index)


def _values(document: Mapping[str, Any], cells: int, where: str) -> np.ndarray:
    given = document.get("value")
    if isinstance(given, list):
        if len(given) != cells:
            raise _broken(where, f"there are {len(given)} values for {cells} cells")
        places: Any = range(cells)
        listed = given
    elif isinstance(given, Mapping):
        places = [_place(key, cells, where) for key in given]
        listed = list(given.values())
    else:
        raise _broken(where, '"value" is neither a list nor an object')
    value = np.full(cells, np.nan)
    for place, number in zip(places, listed, strict=True):
        if number is None:
            continue
        if isinstance(number, bool) or not isinstance(number, (int, float)):
            raise _broken(where, f"value {place} is {str(number)[:40]!r}, not a number")
        try:
            value[place] = number
        except OverflowError as error:
            raise _broken(where, f"value {place} is larger than any number can be") from error
    if np.isinf(value).any():
        raise _broken(where, "a value is larger than any number can be")
    return value


def _statuses(document: Mapping[str, Any], cells: int, where: str) -> np.ndarray:
    given = document.get("status")
    status = np.full(cells, "", dtype=object)
    if given is None:
        return status
    if isinstance(given, str):
        status[:] = given
        return status
    if isinstance(given, list):
        if len(given) != cells:
            raise _broken(where, f"there are {len(given)} signs for {cells} cells")
        pairs: Any = enumerate(given)
    elif isinstance(given, Mapping):
        pairs = ((_place(key, cells, where), sign) for key, sign in given.items())
    else:
        raise _broken(where, '"status" is neither a list nor an object')
    for place, sign in pairs:
        if sign is not None and not isinstance(sign, str):
            raise _broken(where, f"the sign of cell {place} is {str(sign)[:40]!r}, not text")
        status[place] = (sign or "").strip()
    return status


def _place(key: str, cells: int, where: str) -> int:
    if not (key.isascii() and key.isdigit() and len(key) < 10 and int(key) < cells):
        raise _broken(where, f'there is no cell "{key[:40]}" among {cells}')
    return int(key)


def _notes(document: Mapping[str, Any]) -> tuple[str, ...]:
    given = document.get("note")
    return tuple(note for note in given if isinstance(note, str)) if isinstance(given, list) else ()


def _text(given: Any) -> str:
    return given if isinstance(given, str) else ""


def _broken(where: str, problem: str) -> PlanError:
    message = (
        f"{where}: the answer cannot be read as JSON-stat 2: {problem}. What was fetched before stays as it is; the service "
        "may have changed its format."
    )
    return PlanError("source-changed", message, source=where, problem=problem)
