"""The published JSON Schema of a scenario file; ``python -m framsyn.scenario.schema`` writes it.

An editor that knows TOML (taplo, Even Better TOML) completes and checks a scenario whose first line is
``#:schema ../../../scenario/scenario.schema.json``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from framsyn.scenario.scenario import Scenario

__all__ = ["SCHEMA_FILE", "scenario_schema", "schema_text"]

SCHEMA_FILE = Path(__file__).with_name("scenario.schema.json")

_CONDITIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("shift", {"required": ["from_level", "to_level", "conversion"]}),
    ("parameter", {"required": ["mode"], "properties": {"target": {"required": ["parameter"]}}}),
    ("population", {"properties": {"target": {"required": ["parameter"]}}}),
    ("age_shift", {"properties": {"target": {"required": ["age"]}, "unit": {"const": "year"}}}),
)


def scenario_schema() -> dict[str, Any]:
    """Make the JSON Schema (draft 2020-12) of a scenario file.

    Examples
    --------
    >>> sorted(scenario_schema()["required"])
    ['description', 'headline', 'label', 'name', 'owner']
    """
    schema = Scenario.model_json_schema(by_alias=True, mode="validation")
    assumption = schema["$defs"]["Assumption"]
    assumption["allOf"] = [
        {
            "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
            "then": then,
            **(
                {"else": {"not": {"anyOf": [{"required": [key]} for key in then["required"]]}}}
                if "required" in then
                else {}
            ),
        }
        for kind, then in _CONDITIONS
    ]
    for model in schema["$defs"].values():
        model.get("properties", {}).get("kind", {}).pop("default", None)
        if "kind" in model.get("properties", {}) and model["title"] != "Assumption":
            model["required"] = sorted({*model.get("required", []), "kind"})
    _first_line_descriptions(schema)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:framsyn:scenario:1",
        **schema,
        "title": "Framsyn scenario",
    }


def _first_line_descriptions(node: Any) -> None:
    """Keep the first sentence of each model's docstring; doctests and sections are for the code's readers."""
    if isinstance(node, dict):
        text = node.get("description")
        if isinstance(text, str):
            node["description"] = " ".join(text.split("\n\n")[0].split())
        for value in node.values():
            _first_line_descriptions(value)
    elif isinstance(node, list):
        for value in node:
            _first_line_descriptions(value)


def schema_text() -> str:
    """Text of the published schema file."""
    return json.dumps(scenario_schema(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8", newline="\n")
