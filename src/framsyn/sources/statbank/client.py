"""Ask StatBank for a table: within its limits, in parts where it is large, and put together again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from framsyn.errors import PlanError
from framsyn.sources.fetching import Fetcher
from framsyn.sources.statbank.cube import Cube, Dimension, join_cubes, read_cube, read_dimensions
from framsyn.sources.statbank.selection import chosen_codes

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BASE", "Limits", "Statbank", "cut"]

BASE = "https://data.ssb.no/api/pxwebapi/v2"
SOURCE = "ssb"
# The service answers 404 to an address of more than about 2 100 signs.
LONGEST_ADDRESS = 1900
# These would mean something else in the list of codes of an address.
NOT_IN_ADDRESS = frozenset(",()[]*?")

Selection = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Limits:
    """What the service allows.

    Attributes
    ----------
    cells : int
        In one call.
    calls : int
        Within ``seconds``; 0 where the service does not say.
    seconds : int [s]
    """

    cells: int
    calls: int
    seconds: int


class Statbank:
    """StatBank through PxWebApi v2.

    Parameters
    ----------
    fetcher : Fetcher
    base : str, optional
        Address of the service.
    language : str
        Of the labels: ``"no"`` or ``"en"``.
    """

    def __init__(self, fetcher: Fetcher, *, base: str = BASE, language: str = "no") -> None:
        self.fetcher = fetcher
        self.base = base.rstrip("/")
        self.language = language
        self._limits: Limits | None = None
        self._dimensions: dict[str, tuple[Dimension, ...]] = {}

    def limits(self) -> Limits:
        """Return what the service allows, read once from its ``/config``.

        Raises
        ------
        PlanError
            As of :meth:`Fetcher.get_json`; ``source-changed`` if the limit on cells is not there.
        """
        if self._limits is None:
            url = f"{self.base}/config"
            config = self.fetcher.get_json(url, source=SOURCE)
            counts = [
                _count(config, name) for name in ("maxDataCells", "maxCallsPerTimeWindow", "timeWindow")
            ]
            if not counts[0]:
                message = (
                    f'{SOURCE}: {url} gives no limit "maxDataCells" above 0. The service has changed; no table can be '
                    "asked for safely."
                )
                raise PlanError("source-changed", message, source=SOURCE, missing="maxDataCells")
            self._limits = Limits(*counts)
            if counts[1] and counts[2]:
                # A window of zero says nothing; the rate that the fetcher knows then stands.
                self.fetcher.keep_to(SOURCE, calls=counts[1], seconds=counts[2])
        return self._limits

    def dimensions(self, table: str, codelists: Mapping[str, str] | None = None) -> tuple[Dimension, ...]:
        """Return the dimensions of a table with all their codes.

        Parameters
        ----------
        table : str
            Such as ``"07459"``.
        codelists : Mapping of dimension to code list, optional
            Such as ``{"Region": "agg_KommSummer"}``.
        """
        key = f"{table} {sorted((codelists or {}).items())}"
        if key not in self._dimensions:
            found = self.fetcher.get_json(
                f"{self.base}/tables/{table}/metadata",
                {"lang": self.language, **_listed(codelists)},
                source=SOURCE,
            )
            self._dimensions[key] = read_dimensions(found, f"{SOURCE} {table}")
        return self._dimensions[key]

    def find(self, words: str) -> pd.DataFrame:
        """Search the tables of StatBank, where one has moved.

        Parameters
        ----------
        words : str
            In the language of the client; ``*`` stands for any ending.

        Returns
        -------
        DataFrame
            ``table``, ``title``, ``first``, ``last``, ``updated``, ``ended``; one row per table.

        Raises
        ------
        PlanError
            As of :meth:`Fetcher.get_pages`.
        """
        import pandas as pd

        params = {"lang": self.language, "query": words, "pageSize": "100", "includeDiscontinued": "true"}
        rows: list[dict[str, Any]] = []
        for page in self.fetcher.get_pages(
            f"{self.base}/tables", params, source=SOURCE, following=_next_page
        ):
            rows += [_listing(one) for one in page["tables"]]
        return pd.DataFrame(rows, columns=["table", "title", "first", "last", "updated", "ended"])

    def table(self, table: str, selection: Selection, *, codelists: Mapping[str, str] | None = None) -> Cube:
        """Fetch a part of a table.

        Parameters
        ----------
        table : str
            Such as ``"07459"``.
        selection : Mapping of dimension to codes
            Codes or expressions as of :func:`~framsyn.sources.statbank.selection.chosen_codes`. Every dimension that has
            more than one code must be named: what is left out the service would add up unseen.
        codelists : Mapping of dimension to code list, optional

        Returns
        -------
        Cube
            Its dimensions in the order of the table.

        Raises
        ------
        PlanError
            ``source-changed`` (a dimension or code is gone; named with what is there), ``selection-incomplete``,
            ``selection-unfit``, and the codes of :meth:`Fetcher.get_json`. Parts that were fetched stay in the cache.
        """
        where = f"{SOURCE} {table}"
        dimensions = self.dimensions(table, codelists)
        chosen = _chosen(dimensions, selection, where)
        parts = cut(chosen, self.limits().cells)
        cubes: list[Cube] = []
        for number, part in enumerate(parts):
            # How far is for whoever fetches many tables to say; this says which part of one.
            self.fetcher.tell(
                f"SSB {table}" + (f", part {number + 1} of {len(parts)}" if len(parts) > 1 else "")
            )
            try:
                cubes.append(self._part(table, part, codelists, where))
            except PlanError as error:
                if len(parts) == 1:
                    raise
                raise _in_part(error, table, parts, number) from error
        return _put_together(cubes, parts)

    def _part(
        self,
        table: str,
        codes: Mapping[str, tuple[str, ...]],
        codelists: Mapping[str, str] | None,
        where: str,
    ) -> Cube:
        url = f"{self.base}/tables/{table}/data"
        plain = {"lang": self.language, "outputFormat": "json-stat2"}
        listed = {f"valueCodes[{name}]": ",".join(values) for name, values in codes.items()}
        asked = {**plain, **listed, **_listed(codelists)}
        odd = any(NOT_IN_ADDRESS & set(code) for values in codes.values() for code in values)
        if len(url) + len(urlencode(asked)) > LONGEST_ADDRESS or odd:
            lists = codelists or {}
            body = {
                "selection": [
                    {"variableCode": name, "valueCodes": list(values)}
                    | ({"codelist": lists[name]} if name in lists else {})
                    for name, values in codes.items()
                ]
            }
            answer = self.fetcher.post_json(url, body, source=SOURCE, params=plain)
        else:
            answer = self.fetcher.get_json(url, asked, source=SOURCE)
        cube = read_cube(answer, where)
        _as_asked_or_raise(cube, codes, where)
        return cube


def cut(codes: Mapping[str, tuple[str, ...]], most: int) -> list[dict[str, tuple[str, ...]]]:
    """Cut a query into parts of at most so many cells.

    Time is cut first, so that a part holds whole years and stays the same when a year is added; then the longest dimension.

    Parameters
    ----------
    codes : Mapping of dimension to codes
    most : int
        Cells of a part.

    Returns
    -------
    list of dict
        Together the query, each cell once.

    >>> [part["Tid"] for part in cut({"Region": ("a", "b"), "Tid": ("2023", "2024", "2025")}, 4)]
    [('2023', '2024'), ('2025',)]
    """
    cells = 1
    for values in codes.values():
        cells *= len(values)
    if cells <= most:
        return [dict(codes)]
    divisible = [name for name, values in codes.items() if len(values) > 1]
    along = "Tid" if "Tid" in divisible else max(divisible, key=lambda name: len(codes[name]))
    values = codes[along]
    size = max(1, most // (cells // len(values)))
    parts: list[dict[str, tuple[str, ...]]] = []
    for start in range(0, len(values), size):
        parts += cut({**codes, along: values[start : start + size]}, most)
    return parts


def _put_together(cubes: list[Cube], parts: list[dict[str, tuple[str, ...]]]) -> Cube:
    # The cuts are nested, and the innermost runs fastest: parts that differ in one dimension alone are joined, then those.
    for name in reversed(_cut_order(parts)):
        joined: list[Cube] = []
        rest: list[dict[str, tuple[str, ...]]] = []
        group: list[Cube] = []
        for cube, part in zip(cubes, parts, strict=True):
            others = {key: value for key, value in part.items() if key != name}
            if group and others != {key: value for key, value in rest[-1].items() if key != name}:
                joined.append(join_cubes(group, name))
                group = []
            if not group:
                rest.append(part)
            group.append(cube)
        joined.append(join_cubes(group, name))
        cubes, parts = joined, rest
    return cubes[0]


def _cut_order(parts: list[dict[str, tuple[str, ...]]]) -> list[str]:
    """Return the dimensions that were cut, the outermost (which changes least often) first."""
    changes = {name: sum(one[name] != other[name] for one, other in pairwise(parts)) for name in parts[0]}
    return sorted((name for name, count in changes.items() if count), key=lambda name: changes[name])


def _chosen(
    dimensions: tuple[Dimension, ...], selection: Selection, where: str
) -> dict[str, tuple[str, ...]]:
    there = {dimension.code: dimension for dimension in dimensions}
    for name in selection:
        if name not in there:
            message = (
                f'{where}: there is no dimension "{name}" any more; the table has {", ".join(there)}. Its layout was '
                "changed; see its page in StatBank."
            )
            raise PlanError("source-changed", message, source=where, missing=name, there=list(there))
    chosen: dict[str, tuple[str, ...]] = {}
    for name, dimension in there.items():
        if name in selection:
            chosen[name] = chosen_codes(dimension, selection[name], where)
        elif len(dimension.codes) == 1:
            chosen[name] = dimension.codes
        else:
            message = (
                f'{where}: dimension "{name}" ({dimension.label}, {len(dimension.codes)} codes) is not chosen. Name its '
                'codes, or "*" for all: what is left out would be added up unseen. If it is new, the table was changed.'
            )
            raise PlanError(
                "selection-incomplete", message, source=where, dimension=name, there=list(dimension.codes)
            )
    return chosen


def _as_asked_or_raise(cube: Cube, asked: Mapping[str, tuple[str, ...]], where: str) -> None:
    got = {dimension.code: dimension.codes for dimension in cube.dimensions}
    for name, codes in asked.items():
        if name not in got:
            message = f'{where}: the answer lacks dimension "{name}"; it has {", ".join(got)}. The table was changed.'
            raise PlanError("source-changed", message, source=where, missing=name, there=list(got))
        if got[name] != codes:
            lacks = [code for code in codes if code not in got[name]]
            named = f"lacks {', '.join(lacks[:12])}" if lacks else "holds other codes or another order"
            message = (
                f'{where}: the answer {named} in dimension "{name}". The table was changed since its metadata were read; '
                "run the same again."
            )
            raise PlanError(
                "source-changed", message, source=where, dimension=name, missing=lacks, there=list(got[name])
            )
    added = [name for name in got if name not in asked]
    if added:
        message = (
            f'{where}: the answer has a dimension "{added[0]}" that was not asked for. The table was changed.'
        )
        raise PlanError("source-changed", message, source=where, dimension=added[0], there=list(got))


def _in_part(error: PlanError, table: str, parts: list[dict[str, tuple[str, ...]]], number: int) -> PlanError:
    order = _cut_order(parts)
    missing = [{name: part[name] for name in order} for part in parts[number:]]
    told = ", ".join(f"{name} {missing[0][name][0]}" for name in order)
    kept = f"{number} of {len(parts)} parts are" if number else f"none of {len(parts)} parts is"
    message = (
        f"{error.message} Of table {table}, {kept} fetched and kept; missing are {told} and what follows."
    )
    data = {**error.data, "table": table, "parts": len(parts), "kept": number, "missing_parts": missing}
    return PlanError(error.code, message, **data)


def _next_page(page: Any) -> str | None:
    if not isinstance(page, Mapping) or not isinstance(page.get("tables"), list):
        message = f'{SOURCE}: the answer to a search has no list "tables". The service has changed.'
        raise PlanError("source-changed", message, source=SOURCE, missing="tables")
    described = page.get("page")
    links = described.get("links") if isinstance(described, Mapping) else None
    for link in links if isinstance(links, list) else []:
        if isinstance(link, Mapping) and link.get("rel") == "next" and isinstance(link.get("href"), str):
            return str(link["href"])
    return None


def _listing(one: Any) -> dict[str, Any]:
    found = one if isinstance(one, Mapping) else {}
    names = {
        "table": "id",
        "title": "label",
        "first": "firstPeriod",
        "last": "lastPeriod",
        "updated": "updated",
    }
    return {ours: str(found.get(theirs) or "") for ours, theirs in names.items()} | {
        "ended": found.get("discontinued") is True
    }


def _listed(codelists: Mapping[str, str] | None) -> dict[str, str]:
    return {f"codelist[{name}]": code for name, code in (codelists or {}).items()}


def _count(config: Any, name: str) -> int:
    found = config.get(name) if isinstance(config, Mapping) else None
    return found if isinstance(found, int) and not isinstance(found, bool) and found > 0 else 0
