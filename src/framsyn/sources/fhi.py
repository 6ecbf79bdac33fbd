"""Ask the statistics banks of the Norwegian Institute of Public Health (FHI), and keep apart hidden, missing and nought.

Read for this: *User Guide FHI Statistikk Open API* (``folkehelseinstituttet/Fhi.Statistikk.OpenAPI``, README and code
samples) and recorded answers in the public clients of others. The guide says: a table is asked by POST, with one filter for
every dimension ("item", "all" with ``*``, "top"); the answer is JSON-stat 2 or CSV ("csv2" with words, "csv3" with codes);
signs for values that cannot be shown are listed under ``flag``. Seen in recorded answers and not in the guide: a sign stands
in the place of the value itself, and the list of signs comes along as ``extension.flags``. The guide does not say what
separates the columns of a CSV, and its samples differ: both are read. The real service could not be called where this was
written.

Which sign means what is the source's own: ":" and "k" are hidden for the sake of privacy. Both become ":", as at Statistics
Norway; the sign that FHI wrote is kept beside it.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from framsyn.errors import PlanError
from framsyn.sources.shapes import changed, list_in, object_of, text_in

if TYPE_CHECKING:
    import pandas as pd

    from framsyn.sources.fetching import Fetcher

__all__ = [
    "BASE",
    "MEASURE",
    "data",
    "dimensions",
    "flags",
    "read_csv_answer",
    "read_data",
    "sources",
    "tables",
]

BASE = "https://statistikk-data.fhi.no/api/open/v1"
MEASURE = "MEASURE_TYPE"
# Signs of FHI, as those of Statistics Norway: hidden, missing, cannot be worked out.
SIGNS = {":": ":", "k": ":", "K": ":", "..": "..", "...": "..", ".": ".", "-": "."}
HIDDEN_WORDS = ("anonym", "skjul", "personvern", "prikk", "hidden", "konfidens")
MOST_VALUES = 200_000


def sources(fetcher: Fetcher, *, base: str = BASE) -> pd.DataFrame:
    """Return the statistics banks: ``source``, ``title``."""
    import pandas as pd

    where = "fhi: sources"
    answer = fetcher.get_json(f"{base}/Common/source", source="fhi")
    rows = [
        {"source": text_in(row, "id", where), "title": text_in(row, "title", where)}
        for row in _list(answer, where)
    ]
    return pd.DataFrame(rows, columns=["source", "title"])


def tables(fetcher: Fetcher, source: str, *, base: str = BASE) -> pd.DataFrame:
    """Return the tables of a bank: ``table`` (number), ``title``, ``modified``."""
    import pandas as pd

    where = f"fhi: tables of {source}"
    rows = []
    for row in _list(fetcher.get_json(f"{base}/{_part(source)}/Table", source="fhi"), where):
        number = object_of(row, where).get("tableId")
        if not isinstance(number, int) or isinstance(number, bool):
            raise changed(where, f'"tableId" is {number!r}; expected a number')
        title, modified = text_in(row, "title", where), text_in(row, "modifiedAt", where, needed=False)
        rows.append({"table": number, "title": title, "modified": modified})
    return pd.DataFrame(rows, columns=["table", "title", "modified"])


def dimensions(fetcher: Fetcher, source: str, table: int, *, base: str = BASE) -> dict[str, dict[str, str]]:
    """Return the dimensions of a table: code of the dimension → code of the category → its label.

    Categories may lie within others (a county and its municipalities); they are given flat, parents first.
    """
    where = f"fhi: dimensions of {source} {table}"
    answer = fetcher.get_json(f"{base}/{_part(source)}/Table/{int(table)}/dimension", source="fhi")
    found: dict[str, dict[str, str]] = {}
    for dimension in list_in(answer, "dimensions", where):
        categories: dict[str, str] = {}
        # A stack and no recursion: the answer decides how deep it is.
        left = list(reversed(list_in(dimension, "categories", where)))
        while left:
            category = left.pop()
            code = text_in(category, "value", where)
            if code not in categories:
                categories[code] = text_in(category, "label", where, needed=False) or code
            if category.get("children"):
                left += reversed(list_in(category, "children", where))
        found[text_in(dimension, "code", where)] = categories
    return found


def flags(fetcher: Fetcher, source: str, table: int, *, base: str = BASE) -> dict[str, str]:
    """Return the signs that a table uses for values that are not shown, each with its meaning."""
    where = f"fhi: signs of {source} {table}"
    answer = fetcher.get_json(f"{base}/{_part(source)}/Table/{int(table)}/flag", source="fhi")
    listed = answer.get("flags", answer.get("flag")) if isinstance(answer, dict) else answer
    return {
        text_in(row, ("symbol", "value", "code"), where): text_in(
            row, ("label", "description", "text"), where, needed=False
        )
        for row in _list(listed, where)
    }


def data(
    fetcher: Fetcher,
    source: str,
    table: int,
    selection: Mapping[str, Sequence[str] | str],
    *,
    most: int = MOST_VALUES,
    base: str = BASE,
) -> pd.DataFrame:
    """Return figures of a table.

    Parameters
    ----------
    fetcher : Fetcher
    source : str
        Bank, such as ``"nokkel"``.
    table : int
    selection : Mapping of dimension to codes
        A list of codes, or one text with ``*`` (``"*"`` is all, ``"50*"`` all that begin so). Every dimension of the table
        is named, the measure (``MEASURE_TYPE``) too: what is not asked for is not added up silently.
    most : int
        Values asked for at the most; FHI refuses a larger answer.

    Returns
    -------
    DataFrame
        A column of codes for each dimension; ``value`` (NaN if there is no number), ``status`` ("" known, ":" hidden,
        "." cannot be worked out, ".." missing, else FHI's own sign), ``sign`` (as FHI wrote it).

    Raises
    ------
    PlanError
        As the fetcher; ``dimension-missing``, ``unknown-code``, ``source-too-large``, ``source-changed``
    """
    where = f"fhi: table {source} {table}"
    known = dimensions(fetcher, source, table, base=base)
    body = {
        "dimensions": _asked(selection, known, where, most),
        "response": {"format": "json-stat2", "maxRowCount": most},
    }
    answer = fetcher.post_json(f"{base}/{_part(source)}/Table/{int(table)}/data", body, source="fhi")
    return read_data(answer, where)


def _asked(
    selection: Mapping[str, Sequence[str] | str], known: dict[str, dict[str, str]], where: str, most: int
) -> list[dict[str, Any]]:
    missing, extra = (
        [key for key in known if key not in selection],
        [key for key in selection if key not in known],
    )
    if missing or extra:
        told = " and ".join(
            f"{', '.join(names)} {said}"
            for names, said in ((missing, "is not asked for"), (extra, "is no dimension of it"))
            if names
        )
        message = f"{where}: {told}. Name every dimension once: {', '.join(known)}."
        raise PlanError("dimension-missing", message, got=list(selection), expected=list(known))
    asked, values = [], 1
    for code, wanted in selection.items():
        listed = [wanted] if isinstance(wanted, str) else list(wanted)
        stars = [text for text in listed if "*" in text]
        unknown = [text for text in listed if "*" not in text and text not in known[code]]
        if unknown or not listed:
            there = ", ".join(list(known[code])[:8])
            message = f"{where}: {code} has no {', '.join(unknown[:8]) or 'code asked for'}; it has {there}."
            raise PlanError("unknown-code", message, got=unknown, column=code)
        heads = [text.split("*")[0] for text in stars]
        count = len(
            {key for key in known[code] if key in listed or any(key.startswith(head) for head in heads)}
        )
        if not count:
            message = f"{where}: no code of {code} begins with {', '.join(heads)}."
            raise PlanError("unknown-code", message, got=stars, column=code)
        values *= count
        asked.append({"code": code, "filter": "all" if stars else "item", "values": listed})
    if values > most:
        message = (
            f"{where}: {values} values are asked for; {most} at the most. Ask for fewer codes at a time."
        )
        raise PlanError("source-too-large", message, got=values, expected=most)
    return asked


def read_data(document: Any, where: str = "fhi: data") -> pd.DataFrame:
    """Read FHI's JSON-stat 2; columns as :func:`data`.

    >>> area = {"category": {"index": ["5001", "5054", "5060"]}}
    >>> document = {"version": "2.0", "class": "dataset", "id": ["GEO"], "size": [3], "dimension": {"GEO": area},
    ...             "value": [0, "k", None], "status": ""}
    >>> read_data(document)[["value", "status", "sign"]].values.tolist()
    [[0.0, '', ''], [nan, ':', 'k'], [nan, '..', '']]
    """
    from framsyn.sources.statbank.cube import read_cube

    given = object_of(document, where)
    value = given.get("value")
    cells: dict[str, Any] = (
        {str(place): found for place, found in enumerate(value)}
        if isinstance(value, list)
        else dict(object_of(value, where))
    )
    listed = given.get("status")
    pairs = (
        listed.items()
        if isinstance(listed, Mapping)
        else enumerate(listed)
        if isinstance(listed, list)
        else ()
    )
    said = {str(place): sign.strip() for place, sign in pairs if isinstance(sign, str)}
    said.update((place, found.strip()) for place, found in cells.items() if isinstance(found, str))
    signs = {place: sign for place, sign in said.items() if sign}
    numbers = {place: None if isinstance(found, str) else found for place, found in cells.items()}
    meanings = _meanings(given)
    plain = {
        **given,
        "value": [numbers[str(place)] for place in range(len(numbers))]
        if isinstance(value, list)
        else numbers,
        "status": {place: _status(sign, meanings) for place, sign in signs.items()},
    }
    cube = read_cube(plain, where)
    if any(dimension.code == "sign" for dimension in cube.dimensions):
        raise changed(where, 'a dimension is called "sign", which is the name of a column')
    frame = cube.frame()
    written = [""] * len(frame)
    for place, sign in signs.items():
        written[int(place)] = sign
    return frame.assign(sign=written)


def _meanings(document: Mapping[str, Any]) -> dict[str, str]:
    extension = document.get("extension")
    listed = extension.get("flags") if isinstance(extension, Mapping) else None
    labels = listed.get("label") if isinstance(listed, Mapping) else None
    return {str(sign): str(label) for sign, label in labels.items()} if isinstance(labels, Mapping) else {}


def _status(sign: str, meanings: Mapping[str, str]) -> str:
    """Return the sign in one language; what the table itself says of it goes before what is usual."""
    if any(word in meanings.get(sign, "").lower() for word in HIDDEN_WORDS):
        return ":"
    return SIGNS.get(sign, sign)


def read_csv_answer(text: str, where: str = "fhi: CSV") -> pd.DataFrame:
    r"""Read a CSV that was taken from FHI by hand, with words ("csv2") or codes ("csv3").

    The last column is the value; all before it name the cell. Semicolon or comma, as the heading has it.

    Returns
    -------
    DataFrame
        The columns before the last as text, then ``value``, ``status`` and ``sign`` as :func:`data`.

    Raises
    ------
    PlanError
        ``source-changed``, ``number-unfit``, ``row-twice``

    >>> read_csv_answer("GEO;AAR;RATE\n5001;2024_2024;1,5\n5054;2024_2024;k\n")[["GEO", "value", "status"]].values.tolist()
    [['5001', 1.5, ''], ['5054', nan, ':']]
    """
    import pandas as pd

    heading, _, _ = text.removeprefix("\ufeff").lstrip("\r\n").partition("\n")
    mark = max(";\t,", key=heading.count)
    try:
        rows = list(
            csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=mark, strict=True)
        )
    except csv.Error as error:
        raise changed(where, f"this is no CSV ({error})") from error
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if len(rows) < 2 or len(rows[0]) < 2:
        raise changed(where, "there is no heading with rows under it")
    names = [name.strip() for name in rows[0]]
    if len(set(names)) < len(names) or not all(names) or {"value", "status", "sign"} & set(names[:-1]):
        raise changed(
            where,
            f"the heading has a column twice, without a name or with a name of ours ({', '.join(names)})",
        )
    made = []
    seen = set()
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(names):
            raise changed(where, f"row {number} has {len(row)} cells and the heading {len(names)}")
        key = tuple(cell.strip() for cell in row[:-1])
        if key in seen:
            raise PlanError(
                "row-twice",
                f"{where}, row {number}: {', '.join(key)} is there already. Fetch it anew.",
                row=number,
            )
        seen.add(key)
        value, sign = _number(row[-1], f"{where}, row {number}")
        status = _status(sign, {}) if sign else ("" if not math.isnan(value) else "..")
        made.append((*key, value, status, sign))
    return pd.DataFrame(made, columns=[*names[:-1], "value", "status", "sign"])


def _number(cell: str, where: str) -> tuple[float, str]:
    text = cell.strip().replace("\u00a0", "").replace(" ", "")
    if not text or text in SIGNS:
        return math.nan, text
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        number = math.inf
    if not math.isfinite(number):
        message = (
            f"{where}: the value is {cell[:40]!r}; expected a number, or a sign such as {', '.join(SIGNS)}."
        )
        raise PlanError("number-unfit", message, got=cell[:40])
    return number, ""


def _list(answer: Any, where: str) -> list[Any]:
    if not isinstance(answer, list):
        raise changed(where, f"expected a list, got {type(answer).__name__}")
    return answer


def _part(text: str) -> str:
    """Return a part of an address that cannot be another address."""
    if not text or not all(sign.isalnum() or sign in "-_" for sign in text):
        message = f"fhi: {text[:40]!r} is no name of a statistics bank. sources() lists them."
        raise PlanError("unknown-code", message, got=text[:40])
    return text
