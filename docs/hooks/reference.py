"""Reference pages, made from what the program itself reads: tables, schema, region packages, help texts, docstrings.

``pages(root)`` returns them by path; MkDocs takes them from there (``site.py``). To read one without MkDocs::

    python docs/hooks/reference.py reference/quantities.md
"""

from __future__ import annotations

import csv
import json
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

# Loaded by its place: the hooks are files and no package.
sys.path.insert(0, str(Path(__file__).parent))
from reference_code import MADE, answers_page, api_pages, command_page


def pages(root: Path) -> dict[str, str]:
    """Return every generated page as Markdown, by its path in the documentation."""
    package = root / "src" / "framsyn"
    found = {
        "reference/quantities.md": quantities_page(package / "quantities.csv"),
        "reference/scenario-file.md": schema_page(package / "scenario" / "scenario.schema.json"),
        "reference/command-line.md": command_page(root),
        "reference/known-answers.md": answers_page(root / "tests" / "known_answers"),
    }
    for folder in sorted(path.parent for path in package.glob("regions/*/datapackage.json")):
        found[f"reference/regions/{folder.name}.md"] = region_page(folder)
        found[f"reference/regions/{folder.name}-parameters.md"] = parameters_page(folder)
        for file in sorted((folder / "scenarios").glob("*.toml")):
            found[f"reference/scenarios/{file.stem}.md"] = scenario_page(file)
    found.update(api_pages(package))
    return found


# ------------------------------------------------------------------ quantities
def quantities_page(file: Path) -> str:
    """Page of all quantities, one section per stage."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    parts = [
        MADE.format(source="src/framsyn/quantities.csv"),
        "# Quantities\n\nEvery number that a run produces is one of these. All have the dimensions `draw` and `year` "
        "as well. *Collapsed by* says how other dimensions are taken together within a draw; after `not` stand the "
        "dimensions over which that would be wrong.\n",
    ]
    for stage in dict.fromkeys(row["source"] for row in rows):
        parts.append(f"\n## {stage.rpartition('.')[2].capitalize()}\n")
        body = (
            (
                f"`{row['name']}`",
                row["unit"],
                row["dims"].replace(" ", ", "),
                row["aggregation"] + (f" by `{row['weight']}`" if row["weight"] else ""),
                _bounds(row["min"], row["max"]),
                f"**{row['label_en']}** · {row['label_nb']} · {row['label_nn']}<br>{row['text']}",
            )
            for row in rows
            if row["source"] == stage
        )
        parts.append(
            table(("Name", "Unit", "Dimensions", "Collapsed by", "Bounds", "Meaning (en · nb · nn)"), body)
        )
    return "".join(parts)


def _bounds(low: Any, high: Any) -> str:
    if low in ("", None) and high in ("", None):
        return ""
    return f"{'' if low is None else low}–{'' if high is None else high}"


# ------------------------------------------------------------------ scenario file
def schema_page(file: Path) -> str:
    """Page of the scenario file, one section per model of its JSON Schema."""
    schema = json.loads(file.read_text(encoding="utf-8"))
    parts = [
        MADE.format(source="src/framsyn/scenario/scenario.schema.json"),
        "# Scenario file\n\nA scenario is a TOML file. Its JSON Schema is "
        "`src/framsyn/scenario/scenario.schema.json`; an editor that knows it completes and checks while you write.\n",
        *_model(schema, "The file"),
    ]
    for name, model in schema.get("$defs", {}).items():
        parts.extend(_model(model, name))
    return "".join(parts)


def _model(model: dict[str, Any], title: str) -> Iterator[str]:
    yield f"\n## {title}\n\n"
    if model.get("description"):
        yield f"{model['description']}\n\n"
    if "enum" in model:
        yield "One of " + ", ".join(f"`{value}`" for value in model["enum"]) + ".\n"
    if "properties" in model:
        needed = set(model.get("required", ()))
        yield table(
            ("Key", "Type", "Needed", "Default", "Meaning"),
            (
                (
                    f"`{key}`",
                    _type(value),
                    "yes" if key in needed else "",
                    ""
                    if "default" not in value or value["default"] is None
                    else f"`{json.dumps(value['default'])}`",
                    value.get("description", ""),
                )
                for key, value in model["properties"].items()
            ),
        )


def _type(value: dict[str, Any]) -> str:
    """Return the type of a schema's property in words, with links to the models on the page."""
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    for key in ("anyOf", "oneOf", "allOf"):
        if key in value:
            return " or ".join(
                dict.fromkeys(_type(option) for option in value[key] if option.get("type") != "null")
            )
    if "const" in value:
        return f"`{json.dumps(value['const'])}`"
    if "enum" in value:
        return ", ".join(f"`{option}`" for option in value["enum"])
    if value.get("type") == "array":
        items = value.get("items") or {}
        inner = [items] if items else value.get("prefixItems", [])
        return "list of " + (" and ".join(dict.fromkeys(map(_type, inner))) or "values")
    if value.get("type") == "object":
        inner_type = value.get("additionalProperties")
        return f"table of {_type(inner_type)}" if isinstance(inner_type, dict) and inner_type else "table"
    low = value.get("minimum", value.get("exclusiveMinimum"))
    high = value.get("maximum", value.get("exclusiveMaximum"))
    return " ".join(filter(None, [str(value.get("type", "any")), _bounds(low, high)]))


# ------------------------------------------------------------------ regions
def region_page(folder: Path) -> str:
    """Page of a region: its tables, their fields, sources and licences."""
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    parts = [
        MADE.format(source=f"src/framsyn/regions/{folder.name}/datapackage.json"),
        f"# Region {package.get('title', folder.name)}\n\n{package.get('description', '')}\n\n"
        "A region is a [Data Package](https://datapackage.org). A row that is a figure says its quality (official, "
        "derived, estimate, assumption, synthetic) and its source; an assumption says its reason.\n",
    ]
    for resource in package["resources"]:
        parts.append(
            f"\n## {resource['name']}\n\n{resource.get('title', '')}. {resource.get('description', '')}\n\n"
        )
        if resource.get("dataThrough"):
            parts.append(f"Data through {resource['dataThrough']}.\n\n")
        origins = [*map(_link, resource.get("sources", ())), *map(_link, resource.get("licenses", ()))]
        if origins:
            parts.append("Sources and licences: " + "; ".join(dict.fromkeys(origins)) + ".\n\n")
        if resource.get("notes"):
            parts.append("".join(f"- {note}\n" for note in resource["notes"]) + "\n")
        fields = resource.get("schema", {}).get("fields", ())
        if fields:
            keys = resource["schema"].get("primaryKey", ())
            parts.append(
                table(
                    ("Column", "Type", "Unit", "Limits", "Meaning"),
                    (
                        (
                            f"`{field['name']}`" + (" 🔑" if field["name"] in keys else ""),
                            field.get("type", "any"),
                            field.get("unit", ""),
                            _limits(field.get("constraints", {})),
                            field.get("description", ""),
                        )
                        for field in fields
                    ),
                )
            )
    parts.append("\n## Sources\n\n")
    parts.append(
        table(
            ("Key", "Source", "Licence"),
            (
                (
                    f"`{source['name']}`",
                    _link(source),
                    _link(source["license"]) if "license" in source else "not stated",
                )
                for source in package["sources"]
            ),
        )
    )
    return "".join(parts)


def _limits(constraints: dict[str, Any]) -> str:
    if "enum" in constraints:
        values = constraints["enum"]
        return ", ".join(f"`{value}`" for value in values[:12]) + (" …" if len(values) > 12 else "")
    return _bounds(constraints.get("minimum"), constraints.get("maximum"))


def _link(item: dict[str, Any]) -> str:
    title = str(item.get("title") or item.get("name") or item.get("path"))
    path = str(item.get("path", ""))
    return f"[{title}]({path})" if path.startswith("http") else title


def parameters_page(folder: Path) -> str:
    """Page of a region's parameters: each default with its range, quality, source and reason."""
    with (folder / "tables" / "parameters.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    with (folder.parents[1] / "region" / "parameters.csv").open(encoding="utf-8", newline="") as lines:
        declared = {row["parameter"]: row for row in csv.DictReader(lines)}
    counts = Counter(row["quality"] for row in rows)
    parts = [
        MADE.format(source=f"src/framsyn/regions/{folder.name}/tables/parameters.csv"),
        f"# Parameters of {folder.name}\n\nDefaults that a planner should confirm: "
        + ", ".join(f"{count} {quality}" for quality, count in counts.most_common())
        + ". A blank in *For* holds for all; the most specific row wins. *Low–high* is the range that was found "
        "plausible; it is not drawn unless a scenario says so. *Source* is a key of [the region's sources]"
        f"({folder.name}.md#sources). A scenario may change those marked ✎ over the years (kind `parameter`); the "
        "others hold for a whole run.\n",
    ]
    for name in dict.fromkeys(row["parameter"] for row in rows):
        mark = " ✎" if declared[name]["in_scenario"] == "1" else ""
        unit = next(row["unit"] for row in rows if row["parameter"] == name)
        parts.append(
            f"\n## `{name}`{mark} {{ #{name} }}\n\n{declared[name]['description']}. Unit: {unit}.\n\n"
        )
        body = (
            (
                " ".join(filter(None, (row["service_area"], row["level"], row["profession"]))),
                row["value"],
                _bounds(row["low"], row["high"]),
                row["quality"],
                row["source"],
                row["reason"],
            )
            for row in rows
            if row["parameter"] == name
        )
        parts.append(table(("For", "Value", "Low–high", "Quality", "Source", "Reason"), body))
    return "".join(parts)


def scenario_page(file: Path) -> str:
    """Page of a scenario that is shipped: every assumption with effect, reason and source."""
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    assumptions = data.get("assumptions", data.get("assumption", []))
    parts = [
        MADE.format(source=f"the scenario {file.name}"),
        f"# Scenario {data['name']}\n\n{_plain(data.get('description'))}\n\n",
        f"**{_plain(data.get('label'))}.** Owner: {data.get('owner', '')}.\n\n",
        table(("Headline", ""), ((key, _plain(value)) for key, value in data.get("headline", {}).items())),
    ]
    if not assumptions:
        parts.append("\nNo assumption beside the population: use and practice stay as in the base year.\n")
        return "".join(parts)
    parts.append(
        "\n## All assumptions\n\nIn the order in which they are applied. ◆ marks a size that was set to meet a "
        "published figure.\n\n"
    )
    overview = (
        (
            f"[`{item['name']}`](#{item['name']})" + (" ◆" if "set_to_meet" in item else ""),
            _plain(item["label"]),
            item["group"],
            item["kind"],
            _size(item["effect"]) + ("" if item["unit"] == "1" else f" {item['unit']}"),
            _size(item.get("realisation", 1.0)),
        )
        for item in assumptions
    )
    parts.append(table(("Name", "What", "Group", "Kind", "Effect", "Realisation"), overview))
    for item in assumptions:
        parts.append(f"\n## {item['name']}\n\n{_plain(item.get('label'))}. {_plain(item.get('reason'))}\n\n")
        rows = (
            (
                f"`{key}`",
                _size(value) if key in ("effect", "realisation", "conversion", "profile") else _plain(value),
            )
            for key, value in item.items()
            if key not in ("name", "label", "reason")
        )
        parts.append(table(("Key", "Value"), rows))
    return "".join(parts)


def _size(value: Any) -> str:
    """Return a distribution or a profile in words, its kind first."""
    if not isinstance(value, dict):
        return str(value)
    inner = {key: item for key, item in value.items() if key != "kind"}
    return f"{value['kind']}: {_plain(inner)}"


def _plain(value: Any) -> str:
    if isinstance(value, dict) and "en" in value:
        return str(value["en"])
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return (
            "; ".join(map(_plain, value))
            if any(isinstance(v, dict) for v in value)
            else ", ".join(map(str, value))
        )
    return "" if value is None else str(value)


# ------------------------------------------------------------------ Markdown
def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Markdown table; a bar or a line break inside a cell is made harmless."""
    head = list(head)
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    lines.extend(f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows)
    return "\n".join(lines) + "\n"


def _cell(value: str) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    made = pages(Path(__file__).resolve().parents[2])
    print(made[sys.argv[1]] if len(sys.argv) > 1 else "\n".join(made))
