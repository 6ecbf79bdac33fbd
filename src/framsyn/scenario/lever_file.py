"""Levers as a region's file ``levers.toml`` describes them: the assumptions that planners move, in everyday words.

The file says how an assumption is shown: its group, its words, its unit, its step and its ends. It says nothing that a run
reads, so that it belongs to no run's address. A lever has the name of its assumption.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, ValidationError, model_validator

from framsyn.errors import PlanError
from framsyn.scenario.assumption import Assumption
from framsyn.scenario.distributions import Distribution
from framsyn.scenario.faults import nearest
from framsyn.scenario.model import FrozenModel, Number, Wording, refuse
from framsyn.scenario.scenario import Scenario

__all__ = ["LEVER_GROUPS", "LEVER_UNITS", "Lever", "read_lever", "read_levers"]

LeverGroup = Literal[
    "population",
    "health",
    "care_levels",
    "home_technology",
    "work_processes",
    "staff",
    "economy",
    "buildings",
]
LeverUnit = Literal["percent", "percentage_points", "percentage_points_per_year", "years", "number"]
LEVER_GROUPS: tuple[str, ...] = get_args(LeverGroup)
LEVER_UNITS: tuple[str, ...] = get_args(LeverUnit)

_FACTOR = {"percent": 100.0, "percentage_points": 100.0, "percentage_points_per_year": 100.0}
RESERVED = frozenset(
    {
        "scenario",
        "compare",
        "place",
        "service",
        "year",
        "month",
        "embed",
        "present",
        "format",
        "lang",
        "language",
        "page",
    }
)
"""Names that addresses of the explorer use for something else."""


class Lever(FrozenModel):
    """An assumption as a planner moves it.

    Examples
    --------
    >>> from framsyn import Region
    >>> levers = read_levers(Region.load("midt-norge"))
    >>> lever = next(lever for lever in levers if lever.name == "work_processes")
    >>> lever.group, lever.unit, lever.low, lever.high
    ('work_processes', 'percent', -25.0, 10.0)
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    """Name of the assumption."""
    group: LeverGroup
    """Where it stands among the levers."""
    label: Wording
    """What is moved, in everyday words."""
    text: Wording
    """One sentence: what really moves, and what it does."""
    unit: LeverUnit
    """How its value is shown; a percentage is the assumption's share times a hundred."""
    step: Number
    """Distance between two positions [shown unit]."""
    low: Number
    """Lowest position [shown unit]."""
    high: Number
    """Highest position [shown unit]."""
    neutral: Number = 0.0
    """Position in which nothing changes [shown unit]."""
    first: bool = False
    """Whether it stands among the few that a reader sees first."""
    reprojects: bool = False
    """Whether the people are projected anew when it is moved, which takes longer."""
    moves: Annotated[tuple[str, ...], Field(min_length=1)]
    """Quantities that it moves, the most telling first."""
    idle: Wording | None = None
    """Why it moves nothing in this region, where it does not."""
    peer: Wording | None = None
    """What the country, a neighbour or a norm has, where that is known."""
    template: Assumption
    """What a scenario without the assumption is given."""
    behind: Distribution
    """Range that the size is believed to lie in, full effect before realisation [unit of the assumption]."""

    @model_validator(mode="after")
    def _ordered(self) -> Lever:
        if self.name in RESERVED:
            raise refuse(
                "bad-name", "name", self.name, "an address uses this word for something else", "Rename it."
            )
        if not self.low < self.high or not self.low <= self.neutral <= self.high:
            got = f"low {self.low:g}, neutral {self.neutral:g}, high {self.high:g}"
            raise refuse("bounds-unordered", "low", got, "low, neutral and high stand in this order")
        if not 0 < self.step <= self.high - self.low:
            raise refuse(
                "bad-step",
                "step",
                self.step,
                "a step is above 0 and at most the whole distance from low to high",
            )
        return self

    @property
    def factor(self) -> float:
        """Shown unit per unit of the assumption."""
        return _FACTOR.get(self.unit, 1.0)

    @property
    def decimals(self) -> int:
        """Decimals of a shown value: those of the step."""
        text = f"{self.step:.6f}".rstrip("0")
        return len(text.partition(".")[2])


# ------------------------------------------------------------------ reading


def read_levers(region: Any) -> tuple[Lever, ...]:
    """Read the levers of a region in the order of their groups; none where the region has no ``levers.toml``.

    Parameters
    ----------
    region : Region
        Its folder is asked for.

    Raises
    ------
    PlanError
        The file cannot be used; the message names the lever and the key.
    """
    path = Path(region.folder) / "levers.toml"
    if not path.is_file():
        return ()
    return _read(str(path), path.stat().st_mtime_ns)


def read_lever(region: Any, name: str) -> Lever:
    """Look up a lever by its name."""
    levers = {lever.name: lever for lever in read_levers(region)}
    if name not in levers:
        hint = nearest(name, levers)
        message = f'region {region.name} has no lever "{name}". {hint} `framsyn levers` lists them.'
        raise PlanError("unknown-lever", message.replace(".  ", ". "), got=name, expected=sorted(levers))
    return levers[name]


@lru_cache(maxsize=8)
def _read(file: str, _: int) -> tuple[Lever, ...]:
    path = Path(file)
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"{path.name}: not TOML, {error}. Mend that line; texts stand in quotes."
        raise PlanError("bad-toml", message, file=path.name, got=str(error)) from error
    strange = sorted(set(raw) - {"format", "lever"})
    if strange or raw.get("format") != 1:
        got = strange[0] if strange else f"format {raw.get('format')!r}"
        message = f"{path.name}: got {got}; expected format = 1 and [[lever]] tables. Mend or remove it."
        raise PlanError("bad-levers", message, file=path.name, got=got)
    levers = [_lever(row, path) for row in raw.get("lever", [])]
    names = [lever.name for lever in levers]
    doubled = next((name for name in names if names.count(name) > 1), None)
    if doubled:
        message = f'{path.name}: lever "{doubled}" stands twice. Remove or rename the second one.'
        raise PlanError("duplicate-name", message, file=path.name, got=doubled)
    return tuple(sorted(levers, key=lambda lever: LEVER_GROUPS.index(lever.group)))


def _lever(row: Mapping[str, Any], path: Path) -> Lever:
    """One lever, with the assumption of a shipped scenario or with one of its own as the template."""
    name = row.get("name", "")
    given = dict(row)
    shipped, own = given.pop("scenario", None), given.pop("assumption", None)
    if (shipped is None) == (own is None):
        message = (
            f'{path.name}, lever "{name}": expected either scenario = "…", whose assumption of that name is the '
            "template, or a table [lever.assumption]. Write one of them."
        )
        raise PlanError("bad-lever", message, file=path.name, lever=name, key="scenario")
    try:
        if own is None:
            template = Scenario.load(path.parent / "scenarios" / f"{shipped}.toml").assumption(str(name))
            given.setdefault("behind", template.effect)
        else:
            template = Assumption.model_validate(
                {"name": name, "label": row.get("label"), **own}, by_alias=True, by_name=True
            )
        return Lever.model_validate({**given, "template": template}, by_alias=True, by_name=True)
    except ValidationError as error:
        worst = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in worst["loc"]) or str((worst.get("ctx") or {}).get("key", ""))
        got, rule = worst["input"], worst["msg"]
        shown = "" if isinstance(got, Mapping) else f" got {got!r};"
        message = f'{path.name}, lever "{name}", {key}:{shown} {rule}. Mend it there.'
        raise PlanError("bad-lever", message, file=path.name, lever=name, key=key, expected=rule) from None
