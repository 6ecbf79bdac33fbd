"""The Frictionless Data Package (v2) descriptor of a region, written from the declarations and the files."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from framsyn.region.schema import Field, Table, tables

__all__ = ["describe", "file_facts", "with_changed_tables", "write_descriptor"]

BUILT = ("authority", "updated", "gaps", "notes")
"""What is said of a region that was built from sources: of whom, their dates, what it lacks, and what was carried over."""
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"


def file_facts(path: Path) -> dict[str, Any]:
    """Size and SHA-256 of a file, as the descriptor states them."""
    content = path.read_bytes()
    return {"bytes": len(content), "hash": f"sha256:{hashlib.sha256(content).hexdigest()}"}


def describe(facts: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Descriptor of a finished region folder.

    Parameters
    ----------
    facts : dict
        What the raw folder's ``region.json`` says: name, title, label, sources, switches, periods and, per table,
        sources, data-through date and notes.
    folder : Path
        Holds ``tables/`` and, where there is one, ``borders.geojson``.
    """
    sources = {source["name"]: source for source in facts["sources"]}
    resources = [
        _resource(
            table, folder / "tables" / f"{table.name}.csv", facts["tables"].get(table.name, {}), sources
        )
        for table in tables().values()
    ]
    borders = folder / "borders.geojson"
    if borders.is_file():
        said = facts["tables"].get("borders", {})
        resources.append(
            {
                "name": "borders",
                "path": "borders.geojson",
                "title": "Municipality borders",
                "description": "Simplified borders, WGS 84 longitude and latitude; neighbours share their border points.",
                "format": "geojson",
                "mediatype": "application/geo+json",
                "encoding": "utf-8",
                **file_facts(borders),
                **_origin(said, sources),
            }
        )
    return {
        "$schema": PROFILE,
        "name": facts["name"],
        "title": facts["title"],
        "description": facts["description"],
        "version": facts["version"],
        "keywords": facts["keywords"],
        "licenses": facts["licenses"],
        "sources": facts["sources"],
        "framsyn": {
            "label": facts["label"],
            "baseYear": facts["baseYear"],
            "periods": facts["periods"],
            "switches": facts["switches"],
            "controlSums": facts["controlSums"],
            "jointAreas": facts["jointAreas"],
            **{key: facts[key] for key in BUILT if key in facts},
        },
        "resources": resources,
    }


def with_changed_tables(
    descriptor: dict[str, Any],
    folder: Path,
    named: dict[str, list[str]],
    sources: list[dict[str, Any]],
) -> dict[str, Any]:
    """The descriptor after some tables have other rows; all else that it says stays.

    Parameters
    ----------
    descriptor : dict
    folder : Path
        Holds the changed files.
    named : dict of str to list of str
        Changed table → source keys that its rows name; they are added to those that it had.
    sources : list of dict
        Of the whole region.
    """
    known = {source["name"]: source for source in sources}
    resources = []
    for resource in descriptor["resources"]:
        if resource["name"] in named:
            before = [source["name"] for source in resource.get("sources", [])]
            keys = [key for key in dict.fromkeys([*before, *named[resource["name"]]]) if key in known]
            origin = _origin({"sources": keys}, known)
            resource = {**resource, **file_facts(folder / resource["path"]), **origin}
        resources.append(resource)
    return {**descriptor, "sources": sources, "resources": resources}


def write_descriptor(descriptor: dict[str, Any], path: Path) -> None:
    """Write the descriptor as UTF-8 JSON with a final line feed, the same bytes on every system."""
    path.write_bytes((json.dumps(descriptor, ensure_ascii=False, indent=1) + "\n").encode("utf-8"))


def _resource(table: Table, path: Path, said: dict[str, Any], sources: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": table.name,
        "path": f"tables/{table.name}.csv",
        "type": "table",
        "title": table.title,
        "description": table.description,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        **file_facts(path),
        **_origin(said, sources),
        "schema": _schema(table),
    }


def _origin(said: dict[str, Any], sources: dict[str, Any]) -> dict[str, Any]:
    named = [sources[key] for key in said.get("sources", [])]
    licences = {source["license"]["name"]: source["license"] for source in named if "license" in source}
    origin: dict[str, Any] = {}
    if named:
        origin["sources"] = [
            {key: source[key] for key in ("name", "title", "path") if source.get(key)} for source in named
        ]
    if licences:
        origin["licenses"] = [licences[name] for name in sorted(licences)]
    if said.get("dataThrough"):
        origin["dataThrough"] = said["dataThrough"]
    if said.get("notes"):
        origin["notes"] = said["notes"]
    return origin


def _schema(table: Table) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [_field(field) for field in table.fields],
        "primaryKey": table.key,
        "missingValues": [""],
    }
    foreign = []
    for field in table.fields:
        for entry in field.references:
            if len(field.allowed) == 1 and "." in entry:
                resource, column = entry[1:].split(".")
                foreign.append(
                    {"fields": [field.name], "reference": {"resource": resource, "fields": [column]}}
                )
    if foreign:
        schema["foreignKeys"] = foreign
    return schema


def _field(field: Field) -> dict[str, Any]:
    said: dict[str, Any] = {"name": field.name, "type": field.type, "description": field.description}
    if field.unit:
        said["unit"] = field.unit
    constraints: dict[str, Any] = {}
    if not field.blank:
        constraints["required"] = True
    for name in ("minimum", "maximum"):
        limit = getattr(field, name)
        if limit is not None:
            constraints[name] = int(limit) if field.type == "integer" else limit
    if field.allowed and not field.references:
        constraints["enum"] = [entry for entry in field.allowed if entry]
    if constraints:
        said["constraints"] = constraints
    return said
