"""The sources of a region as one more table: own figures name where they come from before they are taken in."""

from __future__ import annotations

from typing import Any

from framsyn.region.schema import Field, Table

__all__ = ["SOURCES", "merged_sources", "source_rows"]


def _column(name: str, description: str, *, key: bool = False, blank: bool = False) -> Field:
    return Field(name, "string", "", None, None, (), key, blank, description)


SOURCES = Table(
    name="sources",
    title="Sources",
    description="Where the figures come from; every source column of the other tables names one of these keys.",
    complete=(),
    fields=(
        _column("source", "Source key; short, small letters, digits and underscore", key=True),
        _column("title", "Publisher and title"),
        _column("path", "Web address of the source", blank=True),
        _column("licence", "Short name of the licence, such as CC-BY-4.0; internal for what is not public"),
        _column("licence_title", "Name of the licence", blank=True),
        _column("licence_path", "Web address of the licence", blank=True),
    ),
)


def source_rows(descriptor: dict[str, Any]) -> list[dict[str, str]]:
    """The sources of a descriptor as rows of :data:`SOURCES`.

    >>> source_rows({"sources": [{"name": "own", "title": "Own count", "license": {"name": "internal"}}]})[0]["licence"]
    'internal'
    """
    rows = []
    for source in descriptor["sources"]:
        said = source.get("license") or {}
        rows.append(
            {
                "source": str(source["name"]),
                "title": str(source.get("title", "")),
                "path": str(source.get("path", "")),
                "licence": str(said.get("name", "")) or "not-stated",
                "licence_title": str(said.get("title", "")),
                "licence_path": str(said.get("path", "")),
            }
        )
    return rows


def merged_sources(descriptor: dict[str, Any], rows: list[dict[str, str]]) -> list[dict[str, Any]]:
    """The sources of a descriptor with rows of :data:`SOURCES` changed and added; none is ever taken out.

    >>> merged_sources({"sources": []}, [{"source": "own", "title": "Own count", "path": "", "licence": "internal",
    ...     "licence_title": "", "licence_path": ""}])
    [{'name': 'own', 'title': 'Own count', 'license': {'name': 'internal'}}]
    """
    known = {row["source"]: row for row in source_rows(descriptor)}
    found = {source["name"]: dict(source) for source in descriptor["sources"]}
    for row in rows:
        if known.get(row["source"]) == row:
            continue  # as it was, with what a row does not tell
        source = found.setdefault(row["source"], {"name": row["source"]})
        source["title"] = row["title"]
        for name, column in (("path", "path"),):
            source.pop(name, None)
            if row[column]:
                source[name] = row[column]
        said = {"name": row["licence"], "path": row["licence_path"], "title": row["licence_title"]}
        source["license"] = {**(source.get("license") or {}), **said}
        source["license"] = {name: text for name, text in source["license"].items() if text}
    return list(found.values())
