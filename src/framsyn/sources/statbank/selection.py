"""Which codes of a dimension a query means: listed, by wildcard, or by an expression of PxWebApi.

The codes are worked out here against the metadata, and the service is asked for them by name. So a query that is too large
can be cut, a code that is gone is named before any figure is fetched, and the same query gives the same address.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import translate

from framsyn.errors import PlanError
from framsyn.sources.statbank.cube import Dimension

__all__ = ["chosen_codes"]

EXPRESSION = re.compile(r"(from|to|range|top|bottom)\(([^()]*)\)", re.IGNORECASE)
SHOWN = 12


def chosen_codes(
    dimension: Dimension, wanted: str | Sequence[str], where: str = "StatBank"
) -> tuple[str, ...]:
    """Return the codes of a dimension that a selection means, each once, in the order of the table.

    Parameters
    ----------
    dimension : Dimension
    wanted : str or sequence of str
        Codes, codes with ``*`` (any text) and ``?`` (one sign), and ``from(code)``, ``to(code)``, ``range(code,code)``,
        ``top(count)`` (the last), ``top(count,skipped)``, ``bottom(count)`` (the first).
    where : str
        Named in errors.

    Returns
    -------
    tuple of str

    Raises
    ------
    PlanError
        ``source-changed``: a code or a pattern finds nothing. ``selection-unfit``: an expression that is none.

    >>> years = Dimension("Tid", "year", ("2022", "2023", "2024", "2025"), ("2022", "2023", "2024", "2025"))
    >>> chosen_codes(years, "from(2024)"), chosen_codes(years, ["2022", "top(1)"]), chosen_codes(years, "202?")
    (('2024', '2025'), ('2022', '2025'), ('2022', '2023', '2024', '2025'))
    """
    asked = [wanted] if isinstance(wanted, str) else list(wanted)
    if not asked:
        message = f'{where}: nothing is chosen of "{dimension.code}". Name codes, or "*" for all.'
        raise PlanError("selection-unfit", message, dimension=dimension.code)
    known = set(dimension.codes)
    chosen: set[str] = set()
    for one in asked:
        if one in known:
            # A code that looks like an expression is a code.
            chosen.add(one)
        elif "(" in one and (match := EXPRESSION.fullmatch(one.strip())):
            chosen.update(_by_expression(dimension, match[1].lower(), match[2], one, where))
        elif "*" in one or "?" in one:
            pattern = re.compile(translate(one.replace("[", "[[]")))
            found = {code for code in dimension.codes if pattern.match(code)}
            if not found:
                raise _gone(dimension, one, where)
            chosen |= found
        else:
            raise _gone(dimension, one, where)
    return tuple(code for code in dimension.codes if code in chosen)


def _by_expression(dimension: Dimension, name: str, inside: str, whole: str, where: str) -> tuple[str, ...]:
    codes = dimension.codes
    parts = [part.strip() for part in inside.split(",")]
    if name in ("top", "bottom"):
        counted = all(part.isascii() and part.isdigit() and len(part) < 7 for part in parts)
        if not counted or len(parts) > 2 or int(parts[0]) == 0:
            message = f'{where}: "{whole}" is no selection of "{dimension.code}". Write top(5), or top(5,1) to skip one.'
            raise PlanError("selection-unfit", message, dimension=dimension.code, got=whole)
        count, skipped = int(parts[0]), int(parts[1]) if len(parts) == 2 else 0
        if name == "bottom":
            found = codes[skipped : skipped + count]
        else:
            end = max(len(codes) - skipped, 0)
            found = codes[max(end - count, 0) : end]
    elif len(parts) != (2 if name == "range" else 1) or not all(parts):
        message = (
            f'{where}: "{whole}" is no selection of "{dimension.code}". Write from(2020) or range(2020,2025).'
        )
        raise PlanError("selection-unfit", message, dimension=dimension.code, got=whole)
    else:
        for part in parts:
            if part not in codes:
                raise _gone(dimension, part, where)
        at = [codes.index(part) for part in parts]
        found = (
            codes[at[0] :]
            if name == "from"
            else codes[: at[0] + 1]
            if name == "to"
            else codes[at[0] : at[1] + 1]
        )
    if not found:
        raise _gone(dimension, whole, where)
    return found


def _gone(dimension: Dimension, code: str, where: str) -> PlanError:
    there = list(dimension.codes)
    shown = ", ".join(there[:SHOWN]) + (f" … {there[-1]} ({len(there)} codes)" if len(there) > SHOWN else "")
    message = (
        f'{where}: dimension "{dimension.code}" has no code "{code}"; it has {shown}. The table may have been changed; see '
        "its page in StatBank."
    )
    return PlanError(
        "source-changed", message, source=where, dimension=dimension.code, missing=code, there=there
    )
