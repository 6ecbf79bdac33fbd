"""Ask KLASS, Statistics Norway's catalogue of classifications, for codes, their changes and what corresponds to what.

Read for this: Statistics Norway, *API guide to Statistical Classifications and Codelists (Klass)*, the source of which is
public (``statisticsnorway/klass``, ``klass-api/src/main/asciidoc/api-guide.adoc``), and the recorded answers in the tests of
Statistics Norway's own client for Python. The guide says: JSON by the ``Accept`` header (without it the answer is XML; the
ending ``.json`` is going away); ``codesAt``, ``changes`` and ``correspondsAt`` give whole lists; only the list of
classifications comes in pages; a date without a correspondence table is a 404; CC BY 4.0. The real service could not be
called where this was written: what is tried is answers that we made in that form.

Numbers that Framsyn uses: 131 municipalities, 104 counties, 629 areas of local hospitals, 632 areas of district psychiatric
centres.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from framsyn.errors import PlanError
from framsyn.sources.shapes import as_date, changed, list_in, object_of, text_in

if TYPE_CHECKING:
    import pandas as pd

    from framsyn.sources.fetching import Fetcher

__all__ = [
    "BASE",
    "DISTRICT_PSYCHIATRIC_AREAS",
    "HOSPITAL_AREAS",
    "MUNICIPALITIES",
    "changes",
    "classifications",
    "codes_at",
    "correspondence",
    "read_changes",
    "read_codes",
    "read_correspondence",
]

BASE = "https://data.ssb.no/api/klass/v1"
MUNICIPALITIES, HOSPITAL_AREAS, DISTRICT_PSYCHIATRIC_AREAS = 131, 629, 632
# A list that says it has more pages than this is not a list of classifications.
MOST_PAGES = 200
PAGE_SIZE = 100


def codes_at(fetcher: Fetcher, classification: int, date: dt.date | str, *, base: str = BASE) -> pd.DataFrame:
    """Return the codes of a classification that hold on a date.

    Parameters
    ----------
    fetcher : Fetcher
    classification : int
        Such as 131 for municipalities.
    date : date or str
    base : str
        Address of the service.

    Returns
    -------
    DataFrame
        Columns ``code``, ``parent``, ``level`` (1 is the top), ``name``, ``valid_from``, ``valid_to`` (ISO dates, blank
        where KLASS says none).

    Raises
    ------
    PlanError
        As the fetcher; ``source-changed`` if the answer is not in the documented form, or is empty.
    """
    day = as_date(date)
    where = f"klass: codes of {classification} on {day}"
    return read_codes(
        fetcher.get_json(
            f"{base}/classifications/{int(classification)}/codesAt",
            {"date": day.isoformat(), "language": "nb"},
            source="klass",
        ),
        where,
    )


def changes(
    fetcher: Fetcher,
    classification: int,
    from_: dt.date | str,
    to: dt.date | str | None = None,
    *,
    base: str = BASE,
) -> pd.DataFrame:
    """Return the codes that changed in a stretch of time, for :func:`framsyn.sources.klass.carry`.

    Parameters
    ----------
    fetcher : Fetcher
    classification : int
    from_ : date or str
    to : date or str, optional
        To this day, not with it; today if not given.

    Returns
    -------
    DataFrame
        Columns ``old``, ``old_name``, ``new``, ``new_name``, ``date``; ``old`` is blank where a code came to be from no
        other, ``new`` where one ended with no other. A code with a new name stands as both. Empty if nothing changed.
    """
    first = as_date(from_)
    asked = {"from": first.isoformat(), "language": "nb"}
    if to is not None:
        last = as_date(to)
        if last <= first:
            message = f"changes of {classification}: the end {last} is not after the start {first}. Turn the two dates."
            raise PlanError("date-unfit", message, got=last.isoformat(), expected=f"after {first}")
        asked["to"] = last.isoformat()
    where = f"klass: changes of {classification} from {first}"
    return read_changes(
        fetcher.get_json(f"{base}/classifications/{int(classification)}/changes", asked, source="klass"),
        where,
    )


def correspondence(
    fetcher: Fetcher, source: int, target: int, date: dt.date | str, *, base: str = BASE
) -> pd.DataFrame:
    """Return which codes of one classification belong to which of another on a date.

    Parameters
    ----------
    fetcher : Fetcher
    source, target : int
        Classifications, such as 629 (areas of local hospitals) and 131 (municipalities).
    date : date or str

    Returns
    -------
    DataFrame
        Columns ``source``, ``source_name``, ``target``, ``target_name``, ``valid_from``, ``valid_to``; a code may stand
        more than once, a pair only once.
    """
    day = as_date(date)
    where = f"klass: {source} against {target} on {day}"
    asked = {"targetClassificationId": str(int(target)), "date": day.isoformat(), "language": "nb"}
    return read_correspondence(
        fetcher.get_json(f"{base}/classifications/{int(source)}/correspondsAt", asked, source="klass"), where
    )


def classifications(fetcher: Fetcher, *, base: str = BASE) -> pd.DataFrame:
    """Return the classifications and code lists of KLASS, page by page.

    Returns
    -------
    DataFrame
        Columns ``number``, ``name``, ``kind``, ``changed``.
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    page, pages = 0, 1
    while page < pages:
        where = f"klass: classifications, page {page + 1}"
        asked = {"includeCodelists": "true", "size": str(PAGE_SIZE), "page": str(page)}
        answer = object_of(fetcher.get_json(f"{base}/classifications", asked, source="klass"), where)
        # The address of the next page is built here and not taken from the answer, which could send us anywhere.
        pages = _pages_in(answer, where)
        for item in list_in(answer.get("_embedded") or {"classifications": []}, "classifications", where):
            link = text_in(object_of(object_of(item, where).get("_links"), where).get("self"), "href", where)
            number = link.rstrip("/").rsplit("/", 1)[-1]
            if not number.isdecimal():
                raise changed(where, f"the address {link!r} does not end in a number")
            rows.append(
                {
                    "number": int(number),
                    "name": text_in(item, "name", where),
                    "kind": text_in(item, "classificationType", where, needed=False),
                    "changed": text_in(item, "lastModified", where, needed=False),
                }
            )
        page += 1
    return pd.DataFrame(rows, columns=["number", "name", "kind", "changed"])


def _pages_in(answer: dict[str, Any], where: str) -> int:
    found = object_of(answer.get("page"), where).get("totalPages")
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found <= MOST_PAGES:
        raise changed(where, f'"totalPages" is {found!r}; expected a number up to {MOST_PAGES}')
    return found


def read_codes(document: Any, where: str = "klass: codes") -> pd.DataFrame:
    """Read the answer of ``codesAt`` or ``codes``; columns as :func:`codes_at`.

    >>> read_codes({"codes": [{"code": "5041", "parentCode": "50", "level": "2", "name": "Snåase - Snåsa"}]})["name"].item()
    'Snåase - Snåsa'
    """
    import pandas as pd

    rows = []
    for number, item in enumerate(list_in(document, "codes", where), start=1):
        at = f"{where}, code {number}"
        level = text_in(item, "level", at, needed=False) or "1"
        if not (level.isascii() and level.isdecimal() and len(level) < 4):
            raise changed(at, f'"level" is {level!r}; expected a number')
        rows.append(
            {
                "code": text_in(item, "code", at),
                "parent": text_in(item, "parentCode", at, needed=False),
                "level": int(level),
                "name": text_in(item, "name", at),
                "valid_from": _day_in(item, ("validFrom", "validFromInRequestedRange"), at),
                "valid_to": _day_in(item, ("validTo", "validToInRequestedRange"), at),
            }
        )
    frame = pd.DataFrame(rows, columns=["code", "parent", "level", "name", "valid_from", "valid_to"])
    return _whole(frame, ["code", "valid_from"], where)


def read_changes(document: Any, where: str = "klass: changes") -> pd.DataFrame:
    """Read the answer of ``changes``; columns as :func:`changes`.

    >>> row = {"oldCode": "5011", "oldName": "Hemne", "newCode": "5055", "newName": "Heim", "changeOccurred": "2020-01-01"}
    >>> read_changes({"codeChanges": [row]})[["old", "new", "date"]].values.tolist()
    [['5011', '5055', '2020-01-01']]
    """
    import pandas as pd

    rows = []
    for number, item in enumerate(list_in(document, "codeChanges", where), start=1):
        at = f"{where}, change {number}"
        row = {
            "old": text_in(item, "oldCode", at, needed=False),
            "old_name": text_in(item, "oldName", at, needed=False),
            "new": text_in(item, "newCode", at, needed=False),
            "new_name": text_in(item, "newName", at, needed=False),
            "date": _day_in(item, ("changeOccurred",), at, needed=True),
        }
        if not row["old"] and not row["new"]:
            raise changed(at, "neither an old nor a new code is named")
        rows.append(row)
    frame = pd.DataFrame(rows, columns=["old", "old_name", "new", "new_name", "date"], dtype=object)
    # A change that is told twice is the same change.
    return frame.drop_duplicates(["old", "new", "date"]).reset_index(drop=True)


def read_correspondence(document: Any, where: str = "klass: correspondence") -> pd.DataFrame:
    """Read the answer of ``correspondsAt``, or of a correspondence table by its number; columns as :func:`correspondence`.

    >>> item = {"sourceCode": "S50", "sourceName": "Nordmøre og Romsdal", "targetCode": "1505", "targetName": "Kristiansund"}
    >>> read_correspondence({"correspondenceItems": [item]})[["source", "target"]].values.tolist()
    [['S50', '1505']]
    """
    import pandas as pd

    key = "correspondenceItems"
    if isinstance(document, dict) and key not in document and "correspondenceMaps" in document:
        key = "correspondenceMaps"
    rows = [
        {
            "source": text_in(item, "sourceCode", at),
            "source_name": text_in(item, "sourceName", at, needed=False),
            "target": text_in(item, "targetCode", at),
            "target_name": text_in(item, "targetName", at, needed=False),
            "valid_from": _day_in(item, ("validFrom",), at),
            "valid_to": _day_in(item, ("validTo",), at),
        }
        for number, item in enumerate(list_in(document, key, where), start=1)
        for at in [f"{where}, row {number}"]
    ]
    columns = ["source", "source_name", "target", "target_name", "valid_from", "valid_to"]
    return _whole(pd.DataFrame(rows, columns=columns), ["source", "target"], where)


def _day_in(item: Any, keys: tuple[str, ...], where: str, *, needed: bool = False) -> str:
    text = text_in(item, keys, where, needed=needed)
    try:
        return dt.date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise changed(where, f'"{keys[0]}" is {text!r}; expected a date as 2024-01-01') from None


def _whole(frame: pd.DataFrame, keys: list[str], where: str) -> pd.DataFrame:
    if frame.empty:
        raise changed(where, "the list is empty")
    twice = frame.duplicated(keys)
    if twice.any():
        row = frame.loc[twice, keys].iloc[0].tolist()
        raise changed(where, f"{' and '.join(filter(None, row))} stands twice", got=row)
    return frame
