"""``framsyn sources``: which public figures Framsyn reads, from where, and how to search where a table has moved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from framsyn.cli import terminal
from framsyn.cli.options import JsonOption

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["sources"]


def sources(
    *,
    find: Annotated[
        str,
        Parameter(
            help="Search the titles of StatBank instead, such as helsefaglig*; needs the network.",
            show_default=False,
        ),
    ] = "",
    cache: Annotated[
        Path | None,
        Parameter(help="Folder of fetched answers; your cache folder if left out.", show_default=False),
    ] = None,
    json: JsonOption = False,
) -> int:
    """List the public figures that Framsyn reads."""
    if find:
        found = search(find, cache)
        if json:
            terminal.write_json({"query": find, "tables": found.to_dict("records")})
        else:
            show_found(found)
        return 0 if len(found) else 1
    tables, services = known_tables(), known_services()
    if json:
        terminal.write_json({"tables": tables, "services": services})
    else:
        show(tables, services)
    return 0


def known_tables() -> list[dict[str, Any]]:
    """Return the tables of StatBank that are declared."""
    from framsyn.sources.statbank.layouts import LAYOUTS, LICENCE

    return [
        {
            "table": layout.table,
            "title": layout.title,
            "feeds": layout.feeds,
            "address": layout.page,
            "licence": LICENCE,
            "assumed": layout.assumed,
        }
        for layout in LAYOUTS.values()
    ]


def known_services() -> list[dict[str, str]]:
    """Return the services that are asked."""
    from framsyn.sources import fhi, kartverket, klass, quality_indicators
    from framsyn.sources.statbank import client

    return [
        {"service": service, "feeds": feeds, "address": address}
        for service, feeds, address in (
            ("StatBank", "the tables above", client.BASE),
            ("KLASS", "municipalities, catchment areas, mergers and splits", klass.BASE),
            ("Kartverket", "borders, names and points of municipalities", kartverket.BASE),
            ("FHI", "open statistics of public health", fhi.BASE),
            ("Helsedirektoratet", "national quality indicators", quality_indicators.BASE),
        )
    ]


def search(words: str, cache: Path | None) -> pd.DataFrame:
    """Return the tables of StatBank whose title holds words."""
    from framsyn.sources.fetching import Fetcher
    from framsyn.sources.statbank import Statbank

    with Fetcher(cache) as fetcher:
        return Statbank(fetcher).find(words)


def show(tables: list[dict[str, Any]], services: list[dict[str, str]]) -> None:
    """Print what is read and from where."""
    console = terminal.stdout()
    terminal.heading(
        console, "Tables of Statistics Norway", "CC BY 4.0; name Statistics Norway and the table"
    )
    columns = [
        ("Table", [row["table"] + (" *" if row["assumed"] else "") for row in tables]),
        ("Feeds", [row["feeds"] for row in tables]),
        ("Title", [row["title"] for row in tables]),
    ]
    console.print(terminal.one_table(columns, []))
    console.print()
    terminal.note(console, "* Table and names of its dimensions are assumed: no answer has been seen.")
    terminal.heading(console, "Services")
    for row in services:
        terminal.note(console, f"{row['service']}: {row['feeds']}\n  {row['address']}")


def show_found(found: pd.DataFrame) -> None:
    """Print the tables that a search found."""
    console = terminal.stdout()
    if found.empty:
        terminal.note(console, "No table has these words. Write a * for any ending: helsefaglig*")
        return
    columns = [
        ("Table", found["table"].tolist()),
        ("Years", [f"{row.first}–{row.last}" for row in found.itertuples()]),
        ("Title", [row.title + (" (ended)" if row.ended else "") for row in found.itertuples()]),
    ]
    console.print(terminal.one_table(columns, []))
