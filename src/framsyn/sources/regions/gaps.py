"""What a built region lacks or only assumes, who can mend it and how; carried in the package and printed by its check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framsyn.sources.regions.assumed import hand_written

if TYPE_CHECKING:
    import pandas as pd

    from framsyn.sources.regions.authorities import Authority

__all__ = ["list_gaps"]

WEAK = ("assumption", "estimate")


def list_gaps(authority: Authority, tables: dict[str, pd.DataFrame]) -> list[dict[str, str]]:
    """The gaps of a region that was built from sources.

    Parameters
    ----------
    authority : Authority
    tables : dict of str to DataFrame
        Raw tables by name.

    Returns
    -------
    list of dict
        ``table``, ``missing``, ``why``, ``owner``, ``close``; with the number of rows that are assumed in ``missing``.
    """
    found = []
    for row in hand_written("gaps").to_dict("records"):
        table = tables[row["table"]]
        weak = int(table["quality"].isin(WEAK).sum()) if "quality" in table else 0
        holds = {
            "assumed": weak > 0,
            "generated": not authority.own,
            "empty": table.empty,
            "no_waits": "source" in table and not (table["source"] == "nki").any(),
            "no_registry": "source" in table and not (table["source"] == "npr_fhi").any(),
        }[row["when"]]
        if holds:
            count = f" ({weak} of {len(table)} rows)" if row["when"] == "assumed" else ""
            found.append(
                {
                    "table": row["table"],
                    "missing": row["missing"] + count,
                    "why": row["why"],
                    "owner": row["owner"],
                    "close": row["close"],
                }
            )
    found.extend(
        {
            "table": "trusts",
            "missing": name,
            "why": "It has no catchment, and a region counts care by catchment",
            "owner": "The health authority (planning)",
            "close": "Give its activity to the trust whose residents it treats, or add a catchment",
        }
        for name in authority.outside
    )
    return found
