"""Differences between two versions of a region on a terminal and as JSON: the summary first, then the rows."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from framsyn.errors import PlanError

if TYPE_CHECKING:
    from pathlib import Path

    from framsyn.region import Region
    from framsyn.region.difference import Change

__all__ = ["as_json", "asked_to_write", "known_tables_or_raise", "reasons", "show"]

SHOWN = 20
"""Rows of a table that are shown when no table was named."""
BESIDE = ("borders", "region")


def known_tables_or_raise(names: Sequence[str] | None) -> None:
    """Refuse a table that no region has."""
    from framsyn.region.schema import tables

    for name in names or ():
        if name not in tables() and name not in BESIDE:
            raise PlanError(
                "unknown-table",
                f"--table {name}: no such table; expected one of {', '.join([*tables(), *BESIDE])}.",
                got=name,
                expected=[*tables(), *BESIDE],
            )


def reasons(region: Region) -> dict[str, str]:
    """Why a table may have changed: its sources with their dates, and the day through which it tells.

    Parameters
    ----------
    region : Region
        The newer one.
    """
    updated = region.descriptor["framsyn"].get("updated", {})
    why = {}
    for resource in region.descriptor["resources"]:
        sources = [
            f"{source['name']} (updated {updated[source['name']][:10]})"
            if updated.get(source["name"])
            else source["name"]
            for source in resource.get("sources", [])
        ]
        through = f"; data through {resource['dataThrough']}" if resource.get("dataThrough") else ""
        why[resource["name"]] = f"{', '.join(sources) or 'no source named'}{through}"
    return why


def show(
    console: Console, changes: Sequence[Change], tables: Sequence[str] | None, why: Mapping[str, str]
) -> None:
    """Print the summary by table, then old and new of each difference; all rows of the tables that are named."""
    from framsyn.region.difference import summarise

    if not changes:
        console.print(Text("No difference."))
        return
    for table, counts in summarise(changes).items():
        told = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
        because = f"  [{why[table]}]" if table in why else ""
        console.print(Text(f"{table}: {told}{because}"), soft_wrap=True)
    for table in dict.fromkeys(change.table for change in changes):
        if tables and table not in tables:
            continue
        rows = [change for change in changes if change.table == table]
        console.print(Text(f"\n{table}"), style="bold")
        for change in rows if tables else rows[:SHOWN]:
            console.print(Text(f"  {line(change)}"), soft_wrap=True)
        if not tables and len(rows) > SHOWN:
            console.print(Text(f"  … and {len(rows) - SHOWN} more: --table {table}"))


def line(change: Change) -> str:
    """One difference in words.

    >>> from framsyn.region.difference import Change
    >>> line(Change("season", {"service_area": "SOM", "month": 7}, "factor", 0.86, 0.9, "changed"))
    'SOM 7: factor 0.86 → 0.9'
    """
    key = " ".join(str(value) for value in change.key.values())
    if change.column and change.kind == "changed":
        return f"{key}: {change.column} {_said(change.before)} → {_said(change.after)}"
    whole = change.after if change.kind == "added" else change.before
    told = (
        ", ".join(f"{name} {value}" for name, value in whole.items() if value not in (None, ""))
        if isinstance(whole, dict)
        else _said(whole)
    )
    return f"{key}: {change.kind} ({told})"


def as_json(
    changes: Sequence[Change], tables: Sequence[str] | None, why: Mapping[str, str]
) -> dict[str, Any]:
    """The same for a program: ``summary`` of all tables, ``changes`` of those that are named."""
    from framsyn.region.difference import summarise

    summary = summarise(changes)
    return {
        "summary": {table: {**counts, "why": why.get(table, "")} for table, counts in summary.items()},
        "changes": [change.as_dict() for change in changes if not tables or change.table in tables],
    }


def asked_to_write(folder: Path) -> bool:
    """Ask on a terminal whether to write; no elsewhere."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    sys.stderr.write(f"Write this to {folder}? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes", "j", "ja")


def _said(value: Any) -> str:
    text = "blank" if value in (None, "") else str(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
