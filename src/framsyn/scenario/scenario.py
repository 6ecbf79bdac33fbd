"""A scenario: a named list of assumptions, read from TOML, changed by making a new one, written back."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr, ValidationError, model_validator

from framsyn.errors import PlanError
from framsyn.scenario.assumption import Assumption
from framsyn.scenario.checking import check_against_region
from framsyn.scenario.faults import Origin, fault, nearest, plan_error
from framsyn.scenario.model import (
    FrozenModel,
    Number,
    Remembering,
    Wording,
    Year,
    canonical_json,
    refuse,
    tidy,
)
from framsyn.scenario.target import ServiceAreas, Target
from framsyn.scenario.toml_text import write_toml

__all__ = ["Figure", "Headline", "Scenario"]

REGIONS = Path(__file__).resolve().parent.parent / "regions"
_DOTTED = ("label", "description", "reason", "set_to_meet", "measures")


class Figure(FrozenModel):
    """The headline figure of one or more service areas taken together."""

    service_area: ServiceAreas
    """Service areas that the figure sums."""
    label: Wording
    """Name for readers."""
    published: Number | None = None
    """The figure as published, in the headline's unit, if the scenario was set to meet one."""
    source: str | None = None
    """Where it was published."""

    @model_validator(mode="after")
    def _sourced(self) -> Figure:
        if not self.service_area:
            raise refuse("key-missing", "service_area", None, "a figure covers at least one service area")
        if (self.published is None) != (self.source is None):
            raise refuse("key-missing", "source", "one of the two", "published and source stand together")
        return self


class Headline(FrozenModel):
    """What the headline figure of the scenario measures, in which unit, from when to when.

    Reads like a dict, ``headline["unit"]``.
    """

    measure: Literal["need", "activity"]
    """Quantity whose change is told."""
    weight: Literal["base_year_cost"]
    """What the parts are weighted by."""
    unit: Literal["percent"]
    """Unit of the change."""
    base_year: Year
    """Year that the change is counted from."""
    until: Year
    """Year that the change is counted to."""
    measures: Wording
    """The same in words, for readers."""
    figure: Annotated[tuple[Figure, ...], Field(min_length=1)]
    """One figure per service area, or per service areas taken together."""

    @model_validator(mode="after")
    def _ordered(self) -> Headline:
        if not self.base_year < self.until:
            raise refuse(
                "years-unordered",
                "base_year",
                f"{self.base_year} to {self.until}",
                "the base year lies before the last year",
            )
        return self

    def __getitem__(self, key: str) -> Any:
        if key not in type(self).model_fields:
            raise KeyError(key)
        return getattr(self, key)


class Scenario(Remembering):
    """What is assumed about the future of a region. Never changes; every change makes a new scenario.

    Examples
    --------
    >>> plan = Scenario.load("plan")
    >>> plan.label["en"], plan.assumption("healthier_ageing").unit
    ('Central plan', 'year')
    >>> plan.replace("home_hospital", realisation=0.0).digest() == plan.digest()
    False
    """

    format: Literal[1] = 1
    """Version of the file format."""
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
    """Name in lower case; the file has the same name."""
    owner: Annotated[str, Field(min_length=1)]
    """Role that answers for the scenario."""
    label: Wording
    """Short name for readers."""
    description: Wording
    """What the scenario supposes, for readers."""
    headline: Headline
    """What its headline figure measures."""
    assumptions: Annotated[tuple[Assumption, ...], Field(alias="assumption")] = ()
    """The assumptions, in the order in which they are applied and told."""

    _origin: Origin = PrivateAttr(default=Origin())

    @model_validator(mode="after")
    def _names_differ(self) -> Scenario:
        seen: set[str] = set()
        for number, assumption in enumerate(self.assumptions):
            if assumption.name in seen:
                raise refuse(
                    "duplicate-name",
                    f"assumption.{number}.name",
                    assumption.name,
                    "every assumption has a name of its own",
                    "Rename or remove the second one.",
                )
            seen.add(assumption.name)
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scenario) and self._document() == other._document()

    def __hash__(self) -> int:
        return hash(self.digest())

    # ------------------------------------------------------------------ reading

    @classmethod
    def load(cls, name_or_path: str | Path, region: Any = None) -> Scenario:
        """Read a scenario by the name of one that a region ships, or by the path of a TOML file.

        Parameters
        ----------
        name_or_path : str or Path
            ``"plan"``, or a path that ends in ``.toml``.
        region : Region or str, optional
            Region whose scenarios are looked up first; a `Region` is also checked against (see `check`).

        Raises
        ------
        PlanError
            The name or file is not known, or something in it cannot be used.
        """
        path = _found(name_or_path, _folder(region))
        try:
            text = path.read_bytes().decode("utf-8-sig")  # some editors put a mark before the first letter
        except UnicodeDecodeError as error:
            message = f"scenario {path.name}: byte {error.start} is not UTF-8. Save it as UTF-8."
            raise PlanError("not-utf-8", message, file=str(path)) from error
        except OSError as error:
            message = f"scenario {path}: the file cannot be read ({error.strerror}). Check its permissions."
            raise PlanError("unreadable-file", message, file=str(path)) from error
        scenario = cls.from_toml(text, file=path.name)
        return scenario if region is None or isinstance(region, str) else scenario.check(region)

    @classmethod
    def shipped(cls, region: Any = None) -> list[str]:
        """List the names of the scenarios that a region ships, or that all regions ship together.

        Examples
        --------
        >>> Scenario.shipped("midt-norge")
        ['ambitious', 'demography', 'plan', 'trend']
        """
        return sorted(_shipped(_folder(region)))

    @classmethod
    def from_toml(cls, text: str, file: str = "") -> Scenario:
        """Read a scenario from TOML text; ``file`` is the name that an error shows."""
        origin = Origin(file, text)
        try:
            raw = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise _not_toml(str(error), file) from error
        return cls._made(raw, origin)

    @classmethod
    def _made(cls, raw: Mapping[str, Any], origin: Origin, by_name: bool = False) -> Scenario:
        try:
            scenario = cls.model_validate(raw, by_alias=True, by_name=by_name)
        except ValidationError as error:
            models: dict[str, type[FrozenModel]] = {
                "": cls,
                "assumption": Assumption,
                "target": Target,
                "headline": Headline,
                "figure": Figure,
            }
            raise plan_error(error, raw, origin, models) from None
        scenario._origin = origin
        return scenario

    def check(self, region: Any) -> Scenario:
        """Hold every target against a region: unknown codes and targets that match no cell are refused.

        Returns
        -------
        Scenario
            The scenario itself, so that calls can be chained.
        """
        for finding in check_against_region(self.assumptions, region):
            number = next(
                index for index, known in enumerate(self.assumptions) if known.name == finding.assumption
            )
            path: list[str | int] = ["assumption", number, *finding.key.split(".")]
            raise fault(
                finding.code,
                self._origin,
                self.name,
                path,
                finding.assumption,
                finding.key,
                got=finding.got,
                expected=finding.expected,
                way_out=finding.way_out,
            )
        return self

    # ------------------------------------------------------------------ looking and changing

    def assumption(self, name: str) -> Assumption:
        """Look up an assumption by its name."""
        for assumption in self.assumptions:
            if assumption.name == name:
                return assumption
        known = [assumption.name for assumption in self.assumptions]
        message = f'scenario "{self.name}" has no assumption "{name}". {nearest(name, known)}'.rstrip()
        raise PlanError("unknown-assumption", message, got=name, expected=known)

    def with_assumption(self, assumption: Assumption | Mapping[str, Any]) -> Scenario:
        """Make a scenario with one more assumption, last in order."""
        added = _plain(assumption) if isinstance(assumption, Assumption) else dict(assumption)
        return self._changed([*map(_plain, self.assumptions), added])

    def holding(self, assumptions: Iterable[Assumption]) -> Scenario:
        """Make a scenario with these assumptions and no others, in this order."""
        return self._changed([_plain(assumption) for assumption in assumptions])

    def without(self, name: str) -> Scenario:
        """Make a scenario that lacks one assumption."""
        gone = self.assumption(name).name
        return self._changed([_plain(kept) for kept in self.assumptions if kept.name != gone])

    def replace(self, name: str, **changes: Any) -> Scenario:
        """Make a scenario in which some keys of one assumption have new values.

        Parameters
        ----------
        name : str
            Name of the assumption.
        **changes : Any
            Key and new value, as in a file: ``effect=-0.05``, ``profile={"kind": "step", "year": 2030}``;
            None removes a key that may be left out.
        """
        old = _plain(self.assumption(name))
        new = {key: value for key, value in {**old, **changes}.items() if value is not None}
        return self._changed([new if kept.name == name else _plain(kept) for kept in self.assumptions])

    def _changed(self, assumptions: list[dict[str, Any]]) -> Scenario:
        return self._made({**self._document(), "assumption": assumptions}, Origin(), by_name=True)

    # ------------------------------------------------------------------ writing

    def _document(self) -> dict[str, Any]:
        return tidy(self.model_dump(by_alias=True, exclude_none=True))

    def to_toml(self) -> str:
        """Write the scenario as TOML in one fixed form that `from_toml` reads back to an equal scenario."""
        document = self._document()
        document["headline.figure"] = document["headline"].pop("figure")
        head = {
            key: value
            for key, value in document.items()
            if key not in {"headline", "headline.figure", "assumption"}
        }
        figures = "".join(
            "\n" + write_toml({"figure": [figure]}, _DOTTED).replace("[[figure]]", "[[headline.figure]]", 1)
            for figure in document["headline.figure"]
        )
        assumptions = document.get("assumption", ())
        body = "\n" + write_toml({"assumption": list(assumptions)}, _DOTTED) if assumptions else ""
        headline = write_toml(document["headline"], _DOTTED)
        return f"{write_toml(head, _DOTTED)}\n[headline]\n{headline}{figures}{body}"

    def digest(self) -> str:
        """Hash of everything in the scenario, the same for any order of keys and any way to write a number.

        Returns
        -------
        str
            64 hexadecimal digits (SHA-256 of the canonical JSON).
        """
        return hashlib.sha256(self.canonical.encode("utf-8")).hexdigest()

    @cached_property
    def canonical(self) -> str:
        """JSON of the scenario, the same for any order of keys and any way to write a number."""
        head = tidy(self.model_dump(by_alias=True, exclude_none=True, exclude={"assumptions"}))
        written = {key: canonical_json(value) for key, value in head.items()}
        if self.assumptions:
            written["assumption"] = f"[{','.join(a.canonical for a in self.assumptions)}]"
        return f"{{{','.join(f'{json.dumps(key)}:{written[key]}' for key in sorted(written))}}}"


def _plain(assumption: Assumption) -> dict[str, Any]:
    return tidy(assumption.model_dump(by_alias=True, exclude_none=True))


def _folder(region: Any) -> Path | None:
    if region is None:
        return None
    return REGIONS / region if isinstance(region, str) else Path(region.folder)


def _found(name_or_path: str | Path, folder: Path | None) -> Path:
    """Path of a scenario file, from its own path or from its name among those that the regions ship."""
    path = Path(name_or_path)
    if path.suffix == ".toml" or len(path.parts) > 1:
        if path.is_file():
            return path
        beside = [found.name for found in path.parent.glob("*.toml")] if path.parent.is_dir() else []
        message = f"There is no scenario file {path}. {nearest(path.name, beside)}".rstrip()
        raise PlanError("unknown-scenario", message, got=str(path), expected=beside)
    shipped = _shipped(folder)
    if path.name not in shipped:
        hint = f"{nearest(path.name, shipped)} Or give the path of a .toml file."
        message = f'There is no scenario "{path.name}". {hint}'
        raise PlanError("unknown-scenario", message, got=path.name, expected=sorted(shipped))
    return shipped[path.name]


def _shipped(folder: Path | None) -> dict[str, Path]:
    """Files by name; when two regions ship the same name, the first region in the alphabet has it."""
    folders = [folder / "scenarios"] if folder is not None else sorted(REGIONS.glob("*/scenarios"))
    return {path.stem: path for place in reversed(folders) for path in sorted(place.glob("*.toml"))}


def _not_toml(told: str, file: str) -> PlanError:
    """Word what the TOML reader said."""
    found = re.match(r"(.*) \(at line (\d+), column (\d+)\)$", told)
    what, row = (found.group(1), int(found.group(2))) if found else (told, None)
    where = f"scenario {file}" if file else "scenario"
    place = f"{where}, line {row}" if row else where
    way_out = (
        "A key or table stands twice; remove one, and write [[assumption]] with two brackets."
        if "overwrite" in what
        else "Texts stand in quotes, long ones in three, and numbers have a decimal point."
    )
    message = f"{place}: not TOML, {what[0].lower()}{what[1:]}. {way_out}"
    return PlanError("bad-toml", message, file=file, row=row, got=what, way_out=way_out)
