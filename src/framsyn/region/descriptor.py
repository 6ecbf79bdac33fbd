"""The descriptor of a region folder as text: read as strict JSON, and of the shape that a region needs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn

from framsyn.errors import PlanError

__all__ = ["check_inside", "check_shape", "parse_descriptor"]

NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
LANGUAGES = ("nb", "nn", "en")


def parse_descriptor(path: Path) -> Any:
    """Read JSON strictly: no key twice, no NaN, no number or depth that JSON readers differ on.

    Raises
    ------
    PlanError
        ``bad-json``.
    """
    try:
        return json.loads(
            path.read_text(encoding="utf-8"), object_pairs_hook=_each_key_once, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as error:  # the decoder's own errors are ValueErrors
        raise PlanError(
            "bad-json",
            f"{path}: not readable as JSON ({error}). Mend that place in the file, and save it as UTF-8 without a mark "
            "of the byte order.",
            file=str(path),
        ) from error


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        message = f"the key {next(key for key in keys if keys.count(key) > 1)!r} stands twice in one object"
        raise ValueError(message)
    return found


def _no_constant(text: str) -> NoReturn:
    message = f"{text} is no number of JSON"
    raise ValueError(message)


def check_inside(folder: Path, path: Path) -> None:
    """Refuse a file of a region that is a link to somewhere outside its folder.

    Raises
    ------
    PlanError
        ``outside-region``.
    """
    if not path.resolve().is_relative_to(folder.resolve()):
        raise PlanError(
            "outside-region",
            f"{path}: a link that leads out of the region's folder; a region is read from its own folder alone. "
            "Put a copy of the file there.",
            file=str(path),
        )


def check_shape(path: Path, descriptor: dict[str, Any]) -> None:
    """Refuse a descriptor whose keys hold something else than a region needs.

    Raises
    ------
    PlanError
        ``bad-descriptor``, told with the place as it would be written in Python.
    """

    def refuse(where: str, got: Any, expected: str) -> NoReturn:
        shown = repr(got)
        raise PlanError(
            "bad-descriptor",
            f"{path}: {where} is {shown[:60]}{'…' if len(shown) > 60 else ''}; expected {expected}. Mend it, or build the "
            "region again with `framsyn region build`.",
            file=str(path),
            where=where,
            expected=expected,
        )

    _check_head(descriptor, refuse)
    _check_own_keys(descriptor["framsyn"], refuse)
    _check_named(descriptor["sources"], "sources", refuse)
    _check_named(descriptor["resources"], "resources", refuse)
    for resource in descriptor["resources"]:
        where = f"resources[{resource['name']!r}]"
        if "path" in resource and not _is_inside(resource["path"]):
            refuse(
                f"{where}.path",
                resource["path"],
                "a path inside the region's folder, such as tables/beds.csv",
            )
        schema = resource.get("schema", {})
        fields = schema.get("fields", []) if isinstance(schema, dict) else None
        if not isinstance(fields, list) or not all(isinstance(field, dict) for field in fields):
            refuse(f"{where}.schema", schema, "an object with a list of fields")


Refuse = Callable[[str, Any, str], NoReturn]


def _check_head(descriptor: dict[str, Any], refuse: Refuse) -> None:
    name = descriptor["name"]
    if not isinstance(name, str) or not NAME.fullmatch(name):
        refuse("name", name, "small letters, digits, dots, dashes and underscores")
    if not isinstance(descriptor["title"], str):
        refuse("title", descriptor["title"], "a text")
    if not isinstance(descriptor["framsyn"], dict):
        refuse("framsyn", descriptor["framsyn"], "an object")


def _check_own_keys(said: dict[str, Any], refuse: Refuse) -> None:
    label, year = said.get("label"), said.get("baseYear")
    periods, switches = said.get("periods"), said.get("switches")
    if not isinstance(label, dict) or not all(isinstance(label.get(lang), str) for lang in LANGUAGES):
        refuse("framsyn.label", label, "an object with a text for nb, nn and en")
    if not isinstance(year, int) or isinstance(year, bool) or not 2000 <= year <= 2100:
        refuse("framsyn.baseYear", year, "a year from 2000 to 2100")
    if not isinstance(periods, list) or not all(isinstance(period, str) for period in periods):
        refuse("framsyn.periods", periods, "a list of texts")
    if not isinstance(switches, dict) or not all(
        isinstance(switch, dict) and isinstance(switch.get("default"), bool) for switch in switches.values()
    ):
        refuse("framsyn.switches", switches, "an object; each switch has a default, true or false")
    sums, joint = said.get("controlSums", []), said.get("jointAreas", [])
    if not _are_objects(sums, year=int, persons=(int, float)):
        refuse("framsyn.controlSums", sums, "a list of objects with a year and persons")
    if not _are_objects(joint, areas=list, lastYear=int):
        refuse("framsyn.jointAreas", joint, "a list of objects with areas and a lastYear")


def _are_objects(parts: Any, **kinds: Any) -> bool:
    """Whether something is a list of objects that hold values of some kinds."""
    return isinstance(parts, list) and all(
        isinstance(part, dict) and all(isinstance(part.get(key), kind) for key, kind in kinds.items())
        for part in parts
    )


def _check_named(parts: Any, where: str, refuse: Refuse) -> None:
    """A list of objects, each with a name of its own."""
    if not isinstance(parts, list):
        refuse(where, parts, "a list of objects with names")
    seen: set[str] = set()
    for number, part in enumerate(parts):
        if not isinstance(part, dict) or not isinstance(part.get("name"), str):
            refuse(f"{where}[{number}]", part, "an object with a name")
        if part["name"] in seen:
            refuse(f"{where}[{number}].name", part["name"], "a name that no other has")
        seen.add(part["name"])


def _is_inside(path: Any) -> bool:
    r"""Whether a path stays in the folder that it is relative to.

    >>> [_is_inside(text) for text in ("tables/beds.csv", "../beds.csv", "/etc/passwd", "C:\\beds.csv", "a\\..\\b")]
    [True, False, False, False, False]
    """
    if not isinstance(path, str) or not path or "\\" in path or ":" in path or "\0" in path:
        return False
    parts = PurePosixPath(path)
    return not parts.is_absolute() and ".." not in parts.parts
