"""The JSON schema of FHIR resources, put together from the models of fhir.resources (R4B, whose Measure, MeasureReport and
Bundle have the elements of R4): which elements there are, of which type and how often, and the codes that are required.

The models' own schemas stop at the first level; here each type is described once and referred to, to the last leaf.
"""

from __future__ import annotations

import functools
import importlib
import typing
from typing import Any

import jsonschema
from fhir.resources.R4B import get_fhir_model_class

DAY = r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01])(T[0-9:.]+(Z|[+-]\d{2}:\d{2}))?)?)?$"
RESOURCES = ("Bundle", "Measure", "MeasureReport", "Organization", "Location")


def faults(resource: Any) -> list[str]:
    """Return what the schema of its type finds wrong with a resource, each with its place."""
    kind = resource.get("resourceType") if isinstance(resource, dict) else None
    if kind not in RESOURCES:
        return [f"resourceType: {kind}"]
    validator = validators()[kind]
    return [
        f"{'/'.join(map(str, one.absolute_path))}: {one.message[:200]}"
        for one in validator.iter_errors(resource)
    ]


@functools.cache
def validators() -> dict[str, Any]:
    defs: dict[str, Any] = {}
    for name in RESOURCES:
        _describe(get_fhir_model_class(name), defs)
    schemas = {name: {"$ref": f"#/$defs/{name}", "$defs": defs} for name in RESOURCES}
    return {name: jsonschema.Draft202012Validator(schema) for name, schema in schemas.items()}


def _describe(model: Any, defs: dict[str, Any]) -> str:
    """Describe a type and all that it is made of, and return its name."""
    name = model.get_resource_type()
    if name in defs:
        return name
    defs[name] = {}  # seen before its parts, which may refer back to it
    shallow = model.model_json_schema(by_alias=True)["properties"]
    properties: dict[str, Any] = {"resourceType": {"const": name}} if name in RESOURCES else {}
    needed: list[Any] = []
    for field in model.model_fields.values():
        alias = field.alias
        if alias in (None, "fhir_comments"):
            continue
        extra = field.json_schema_extra or {}
        many, kind = _kind(field.annotation)
        if kind is not None:
            one: Any = {"anyOf": [{"$ref": f"#/$defs/{each}"} for each in _names(kind, defs)]}
        else:
            one = _leaf(shallow[alias], many=many)
            codes = extra.get("enum_values")
            if codes and "etc." not in codes:
                one = {**one, "enum": codes}
        properties[alias] = {"type": "array", "items": one, "minItems": 1} if many else one
        if field.is_required():
            needed.append({"required": [alias]})
        elif extra.get("element_required"):
            needed.append({"anyOf": [{"required": [alias]}, {"required": [f"_{alias}"]}]})
    if name in RESOURCES:
        needed.append({"required": ["resourceType"]})
    defs[name] = {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "minProperties": 1,
    }
    if needed:
        defs[name]["allOf"] = needed
    return name


def _names(kind: Any, defs: dict[str, Any]) -> list[str]:
    where = kind._model_klass
    if "primitive" in str(where).lower():
        return [_describe(get_fhir_model_class("Extension"), defs) and _primitive(defs)]
    module, _dot, name = where.rpartition(".")
    if name == "Resource":
        return [_describe(get_fhir_model_class(one), defs) for one in RESOURCES]
    return [_describe(getattr(importlib.import_module(module), name), defs)]


def _primitive(defs: dict[str, Any]) -> str:
    defs["Primitive"] = {
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "extension": {"type": "array", "items": {"$ref": "#/$defs/Extension"}},
        },
        "additionalProperties": False,
        "minProperties": 1,
    }
    return "Primitive"


def _kind(annotation: Any) -> tuple[bool, Any]:
    """Return whether a field repeats, and its type where it is made of parts."""
    for one in (annotation, *typing.get_args(annotation)):
        many = typing.get_origin(one) is list
        for inner in typing.get_args(one) if many else (one,):
            for each in (inner, *typing.get_args(inner)):
                if hasattr(each, "_model_klass"):
                    return many, each
        if many:
            return True, None
    return False, None


def _leaf(shallow: dict[str, Any], *, many: bool) -> dict[str, Any]:
    """Return the schema of a simple value, without the nothing that Python's models allow and JSON of FHIR does not."""
    options = [one for one in shallow.get("anyOf", [shallow]) if one.get("type") != "null"]
    options = [one["items"] if many and one.get("type") == "array" else one for one in options]
    # The models take a decimal as text too; JSON of FHIR does not.
    if any(one.get("type") == "number" for one in options):
        options = [one for one in options if one.get("type") == "number"]
    told = [
        {
            key: value
            for key, value in one.items()
            if key
            in (
                "type",
                "pattern",
                "format",
                "maxLength",
                "minLength",
                "minimum",
                "maximum",
                "const",
                "exclusiveMinimum",
            )
        }
        for one in options
    ]
    for one in told:
        # A format is not looked at by default, and a day of FHIR may be a month or a year.
        if one.pop("format", "") in ("date", "date-time"):
            one["pattern"] = DAY
    return told[0] if len(told) == 1 else {"anyOf": told}
