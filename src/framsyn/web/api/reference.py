"""The reference page: the description of the interface as a person reads it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from framsyn.web.api.document import TAGS, examples, operations

__all__ = ["Group", "OperationText", "Row", "groups_of"]

_LINES = 40  # of an example; the description as a file has all of it


@dataclass(frozen=True)
class Row:
    """A parameter, or a field of a body."""

    name: str
    place: str
    kind: str
    required: bool
    words: str


@dataclass(frozen=True)
class OperationText:
    """One operation."""

    id: str
    method: str
    path: str
    summary: str
    words: str
    action: str
    parameters: list[Row]
    fields: list[Row]
    curl: str
    body: str
    answer: str
    shortened: bool
    address: str
    statuses: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Group:
    """Operations of one subject."""

    name: str
    anchor: str
    words: str
    operations: list[OperationText]


def kind_of(schema: dict[str, Any]) -> str:
    """Say what a value is.

    >>> kind_of({"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}), kind_of({"enum": ["a", "b"]})
    ('date', 'a | b')
    """
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    if "anyOf" in schema:
        found = [kind_of(one) for one in schema["anyOf"]]
        return " | ".join(dict.fromkeys(one for one in found if one != "null"))
    if schema.get("type") == "array":
        return f"list of {kind_of(schema.get('items', {}))}"
    if "propertyNames" in schema:
        return "text by language"
    return str(schema.get("format") or schema.get("type", "any"))


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Return what a reference leads to."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def values_of(document: dict[str, Any], schema: dict[str, Any]) -> str:
    """Say what a value is; an enumeration by its values."""
    target = resolved(document, schema)
    if "enum" in target:
        return kind_of(target)
    if "anyOf" in schema:
        found = [values_of(document, one) for one in schema["anyOf"] if one.get("type") != "null"]
        return " | ".join(dict.fromkeys(found))
    return kind_of(schema)


def fields_of(document: dict[str, Any], operation: dict[str, Any]) -> list[Row]:
    """Return the fields of a body."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return []
    schema = resolved(document, content["schema"])
    needed = set(schema.get("required", ()))
    return [
        Row(name, "body", values_of(document, one), name in needed, one.get("description", ""))
        for name, one in schema.get("properties", {}).items()
    ]


def shown(value: Any) -> tuple[str, bool]:
    """Return JSON as lines, and whether some were left out."""
    lines = json.dumps(value, ensure_ascii=False, indent=2).splitlines()
    if len(lines) <= _LINES:
        return "\n".join(lines), False
    return "\n".join([*lines[:_LINES], "…"]), True


def address_of(path: str, example: dict[str, Any]) -> str:
    """Return the address of an example below the interface.

    >>> address_of("/goals/{goal_id}", {"path": {"goal_id": "a.s1"}, "query": {"lang": "en"}})
    '/goals/a.s1?lang=en'
    """
    for name, value in example.get("path", {}).items():
        path = path.replace(f"{{{name}}}", quote(str(value)))
    query = example.get("query")
    return f"{path}?{urlencode(query)}" if query else path


def curl_of(method: str, address: str, operation: dict[str, Any], example: dict[str, Any]) -> str:
    """Return the call as a command."""
    parts = ["curl"]
    if method != "get":
        parts = [f"curl -X {method.upper()}", '-H "Authorization: Bearer $TOKEN"']
        if any(one["name"] == "If-Match" and one["required"] for one in operation["parameters"]):
            parts.append(f"-H 'If-Match: {example.get('if_match', '*')}'")
        if "body" in example:
            parts.append("-H 'Content-Type: application/json'")
            body = json.dumps(example["body"], ensure_ascii=False).replace("'", "’")
            parts.append(f"-d '{body}'")
    parts.append(f"'{address}'")
    return " \\\n  ".join(parts) if len(parts) > 2 else " ".join(parts)


def groups_of(document: dict[str, Any], base: str) -> list[Group]:
    """Return the operations by subject.

    Parameters
    ----------
    document : dict
        The description.
    base : str
        Address of the interface on this site.
    """
    known = examples()
    found: dict[str, list[OperationText]] = {name: [] for name in TAGS}
    for method, path, operation in operations(document):
        example = known.get(operation["operationId"], {})
        address = base + address_of(path, example)
        answer, shortened = shown(example["answer"]) if "answer" in example else ("", False)
        text = OperationText(
            id=operation["operationId"],
            method=method.upper(),
            path=path,
            summary=operation["summary"],
            words=operation.get("description", ""),
            action=operation.get("x-action", ""),
            parameters=[
                Row(
                    one["name"],
                    one["in"],
                    values_of(document, one["schema"]),
                    one["required"],
                    one.get("description", ""),
                )
                for one in operation["parameters"]
            ],
            fields=fields_of(document, operation),
            curl=curl_of(method, address, operation, example),
            body=shown(example["body"])[0] if "body" in example else "",
            answer=answer,
            shortened=shortened,
            address=address if method == "get" and example else "",
            statuses=[int(status) for status in operation["responses"]],
        )
        found[operation["tags"][0]].append(text)
    return [
        Group(name, "group-" + name.split(",")[0].lower(), TAGS[name], texts) for name, texts in found.items()
    ]
