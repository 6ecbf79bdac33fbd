"""Every quantity that Framsyn produces, declared once in ``quantities.csv``.

Validation, units, reference pages, labels and the workbook's data dictionary all come from that table. A quantity that
a stage produces and the table does not hold is an error, found before anything is written.
"""

from __future__ import annotations

import csv
import difflib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from framsyn.errors import PlanError

__all__ = ["Quantity", "quantities", "quantity"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """One row of the table of quantities.

    Parameters
    ----------
    name : str
        Name in code and files.
    dims : tuple of str
        Dimensions beside ``draw`` and ``year``.
    unit : str
        Unit as it is shown.
    minimum, maximum : float or None
        Bounds that a value may touch and never pass.
    aggregation : str
        ``"sum"`` or ``"mean"``: how other dimensions are collapsed within a draw.
    not_over : tuple of str
        Dimensions over which the quantity may not be collapsed (unique patients cannot be added over service areas).
    stage : str
        Module that produces it.
    labels : dict of str
        Short name by language (``nb``, ``nn``, ``en``).
    text : str
        One sentence that defines it.
    """

    name: str
    dims: tuple[str, ...]
    unit: str
    minimum: float | None
    maximum: float | None
    aggregation: str
    not_over: tuple[str, ...]
    stage: str
    labels: dict[str, str]
    text: str


@lru_cache(maxsize=1)
def quantities() -> dict[str, Quantity]:
    """Return all quantities by name, in the order of the chain.

    Returns
    -------
    dict of str to Quantity

    Examples
    --------
    >>> list(quantities())[0]
    'population'
    >>> quantities()["beds"].unit
    'bed'
    """
    rows = csv.DictReader(
        files("framsyn").joinpath("quantities.csv").read_text(encoding="utf-8").splitlines()
    )
    found: dict[str, Quantity] = {}
    for row in rows:
        rule, _, rest = row["aggregation"].partition(" not ")
        found[row["name"]] = Quantity(
            name=row["name"],
            dims=tuple(row["dims"].split()),
            unit=row["unit"],
            minimum=float(row["min"]) if row["min"] else None,
            maximum=float(row["max"]) if row["max"] else None,
            aggregation=rule,
            not_over=tuple(rest.split()),
            stage=row["source"],
            labels={lang: row[f"label_{lang}"] for lang in ("nb", "nn", "en")},
            text=row["text"],
        )
    return found


def quantity(name: str) -> Quantity:
    """Return one quantity by name.

    Parameters
    ----------
    name : str
        Name from ``quantities.csv``.

    Returns
    -------
    Quantity

    Raises
    ------
    PlanError
        ``unknown-quantity`` with the nearest names.

    Examples
    --------
    >>> quantity("bed_days").labels["en"]
    'Bed days'
    """
    table = quantities()
    if name in table:
        return table[name]
    near = difflib.get_close_matches(name, table, n=3)
    hint = f" Did you mean {', '.join(near)}?" if near else " `framsyn run --help` lists them."
    message = f'quantity "{name}" is not declared in quantities.csv.{hint}'
    raise PlanError("unknown-quantity", message, got=name, expected=list(table), near=near)
