"""The files of a table beside it: csv, workbook, JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.urls import Resolver404, get_script_prefix, resolve

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["downloads"]

register = template.Library()
# A cube is given as JSON-stat, a list as plain JSON; which of the two a table has, its address tells.
_FORMS = (("xlsx", "xlsx"), ("stat.json", "JSON-stat"), ("json", "JSON"))


def _is_there(path: str) -> bool:
    inside = "/" + path.removeprefix(get_script_prefix())
    try:
        resolve(inside)
    except Resolver404:
        return False
    return True


@register.inclusion_tag("parts/downloads.html")
def downloads(
    csv: str, title: str = "", words: str = "", query: str = "", forms: Sequence[str] = ()
) -> dict[str, Any]:
    """Links to every file of a table.

    Parameters
    ----------
    csv : str
        Address of its csv; the others differ by their ending.
    query : str
        What narrows the table.
    forms : sequence of str
        The endings that there are; found out if left out.
    title : str
        Of the table, for those who hear the links out of their place.
    words : str
        Shown before the links.
    """
    csv, _mark, own = csv.partition("?")
    query = query or own
    stem, ending = csv.rpartition(".")[::2]
    mark = "?" if query else ""
    found = [(ending, f"{csv}{mark}{query}")] if csv else []
    if ending != "csv":
        return {"files": found, "title": title, "words": words}
    others = [
        (form, word) for form, word in _FORMS if (form in forms if forms else _is_there(f"{stem}.{form}"))
    ]
    if ("stat.json", "JSON-stat") in others:
        others = [one for one in others if one[0] != "json"]
    found += [(word, f"{stem}.{form}{mark}{query}") for form, word in others]
    return {"files": found, "title": title, "words": words}
