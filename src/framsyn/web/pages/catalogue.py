"""The catalogue: every data set that the site shows or rests on, with source, licence and file."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.urls import reverse

from framsyn.report.words import read_words
from framsyn.web.languages import LANGUAGES, Text
from framsyn.web.outlooks.queries import region_of

__all__ = ["DataSet", "Source", "data_set", "data_sets", "region_name"]

REGION_NAME = "midt-norge"
_NO_FIGURES = frozenset({"price_year", "made", "lon", "lat"})  # numbers that say what a figure is about


@dataclass(frozen=True)
class Source:
    """Where a data set comes from, and what may be done with it."""

    title: Text
    address: str
    licence: str
    licence_address: str


@dataclass(frozen=True)
class DataSet:
    """One table of the region package."""

    name: str
    title: Text
    description: Text
    sources: tuple[Source, ...]
    licences: tuple[tuple[str, str], ...]
    data_through: str
    notes: tuple[Text, ...]
    fields: tuple[dict[str, Any], ...]
    key: tuple[str, ...]
    size: int
    path: Path

    @property
    def address(self) -> str:
        """Address of its file."""
        return reverse("data_file", args=[self.name, self.path.suffix[1:]])

    @property
    def figures(self) -> tuple[str, ...]:
        """Columns that are figures, where its key makes it a cube; none where it is a list."""
        if not self.key:
            return ()
        numbers = (field["name"] for field in self.fields if field.get("type") in ("number", "integer"))
        return tuple(name for name in numbers if name not in self.key and name not in _NO_FIGURES)

    @property
    def forms(self) -> tuple[str, ...]:
        """Endings of the addresses that it is given out under, besides that of its description."""
        if self.path.suffix != ".csv":
            return (self.path.suffix[1:],)
        return ("csv", "xlsx", *(("stat.json",) if self.figures else ()), "csv-metadata.json")

    @functools.cached_property
    def rows(self) -> int:
        """Number of rows, without the head; 0 for what is no table."""
        return max(0, self.path.read_bytes().count(b"\n") - 1) if self.path.suffix == ".csv" else 0


def worded(kind: str, key: str, english: str) -> Text:
    """Return a text of the region's data in all three languages; English alone where nobody has translated it."""
    known = read_words().get(f"{kind}.{key}")
    return Text({lang: known[lang] for lang in LANGUAGES}) if known else Text(en=english)


@functools.cache
def data_sets(region: str = REGION_NAME) -> tuple[DataSet, ...]:
    """Return the data sets of a region in the order of its package."""
    package = region_of(region)
    sources = {source["name"]: source for source in package.descriptor["sources"]}
    return tuple(one(package.folder, resource, sources) for resource in package.descriptor["resources"])


def one(folder: Path, resource: dict[str, Any], sources: dict[str, dict[str, Any]]) -> DataSet:
    """Return one data set from its descriptor."""
    own = []
    for said in resource.get("sources", ()):
        full = {**said, **sources.get(said["name"], {})}
        licence = full.get("license") or {}
        own.append(
            Source(
                worded("source", full["name"], full["title"]),
                full.get("path", ""),
                licence.get("title", ""),
                licence.get("path", ""),
            )
        )
    return DataSet(
        name=resource["name"],
        title=worded("table_name", resource["name"], resource["title"]),
        description=worded("table_text", resource["name"], resource["description"]),
        sources=tuple(own),
        licences=tuple(
            (licence["title"], licence.get("path", "")) for licence in resource.get("licenses", ())
        ),
        data_through=resource.get("dataThrough", ""),
        notes=tuple(worded("table_note", note, note) for note in resource.get("notes", ())),
        fields=tuple(resource.get("schema", {}).get("fields", ())),
        key=tuple(resource.get("schema", {}).get("primaryKey", ())),
        size=resource["bytes"],
        path=Path(folder) / resource["path"],
    )


def data_set(name: str) -> DataSet | None:
    """Return the data set of a name, if there is one."""
    return next((entry for entry in data_sets() if entry.name == name), None)


def region_name(lang: str) -> str:
    """Return the name of the region that the site is about."""
    return str(region_of(REGION_NAME).label[lang])
