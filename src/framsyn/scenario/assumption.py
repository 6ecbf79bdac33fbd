"""An assumption: what is believed to change, where, how much, when, how surely, on whose word.

The full effect ``e`` is a distribution. The realisation share is the part of it that is expected to come true
in the end, and the profile says how much of that has come in a year: ``rho(t) = realisation * profile(t)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field, model_validator

from framsyn.methods import streams
from framsyn.scenario.distributions import Distribution, Fixed
from framsyn.scenario.model import Number, Remembering, Wording, refuse
from framsyn.scenario.profiles import Profile, share_way_out
from framsyn.scenario.target import Level, Target

__all__ = ["GROUPS", "KINDS", "POPULATION_PARAMETERS", "QUALITIES", "Assumption"]

Kind = Literal["factor", "shift", "age_shift", "levelling", "parameter", "population"]
Group = Literal["need", "practice", "population", "capacity", "workforce", "economy", "climate"]
Quality = Literal["official", "derived", "estimate", "assumption", "synthetic"]

KINDS, GROUPS, QUALITIES = get_args(Kind), get_args(Group), get_args(Quality)
POPULATION_PARAMETERS = ("fertility", "net_migration", "mortality_improvement")

MOVING = {
    "name", "kind", "group", "target", "effect", "mode", "from_level", "to_level", "conversion", "length_ratio",
    "realisation", "profile",
}  # fmt: skip
_CELLS = frozenset({"service_area", "service", "level", "measure", "age", "trust", "area"})
# What each kind allows: groups, the reach of the effect, and the keys of the target that it can use.
_RULES: dict[str, tuple[frozenset[str], tuple[float, float], frozenset[str]]] = {
    "factor": (frozenset({"need", "practice"}), (-1.0, 3.0), _CELLS),
    "shift": (frozenset({"practice"}), (0.0, 1.0), _CELLS - {"level", "measure"}),
    "age_shift": (frozenset({"need"}), (-10.0, 10.0), frozenset({"service_area", "service", "age"})),
    "levelling": (frozenset({"need"}), (0.0, 1.0), frozenset({"service_area"})),
    "parameter": (
        frozenset({"capacity", "workforce", "economy", "climate"}),
        (-np.inf, np.inf),
        frozenset({"parameter", "service_area", "level", "profession"}),
    ),
    "population": (frozenset({"population"}), (-1.0, 3.0), frozenset({"parameter"})),
}
_OWN_KEYS = {"shift": ("from_level", "to_level", "conversion"), "parameter": ("mode",)}
_NEEDED = {"parameter": ("parameter",), "population": ("parameter",), "levelling": ("service_area",)}


class Assumption(Remembering):
    """One assumption of a scenario, with all that a reader needs to judge it and a run needs to draw it.

    Examples
    --------
    >>> words = {"nb": "Kreft", "nn": "Kreft", "en": "Cancer"}
    >>> cancer = Assumption(
    ...     name="cancer", kind="factor", group="need", unit="1", target={"service": "som_02"}, effect=0.10,
    ...     realisation=0.5, profile={"kind": "linear", "from": 2025, "to": 2035}, label=words, reason=words,
    ...     source="Example", owner="Example", quality="assumption")
    >>> cancer.path([2025, 2030, 2040])
    array([0.  , 0.25, 0.5 ])
    >>> cancer.values([2025, 2030, 2040])
    array([0.   , 0.025, 0.05 ])
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    """Name in lower case with underscores. The random stream has the same name: a new name, new draws."""
    kind: Kind
    """How the effect works: factor, shift, age_shift, levelling, parameter or population."""
    group: Group
    """Where it belongs: need moves need and activity, practice only activity, the others their own stage."""
    label: Wording
    """Short name for readers."""
    target: Target = Target()
    """What it moves."""
    effect: Distribution
    """Full effect, before realisation: a share (0.05 = 5 % more), years, or the parameter's own unit."""
    mode: Literal["relative", "absolute"] | None = None
    """Only kind parameter: multiply by 1 + effect, or add the effect."""
    from_level: Level | None = None
    """Only kind shift: care level that gives activity."""
    to_level: Level | None = None
    """Only kind shift: care level that receives it."""
    conversion: Distribution | None = None
    """Only kind shift: units in the receiving level per unit moved (a unit of inpatient care is a stay)."""
    length_ratio: Number = 1.0
    """Only kind shift from inpatient: mean length of the moved stays over the mean of all stays."""
    realisation: Distribution = Fixed(value=1.0)
    """Share of the full effect that comes true in the end, 0–1."""
    profile: Profile
    """Course over time from no effect to the whole realised effect."""
    unit: Annotated[str, Field(min_length=1)]
    """Unit of the effect: "1" for a share, "year" for an age shift, the parameter's own for mode absolute."""
    reason: Wording
    """Why this size, for readers."""
    source: Annotated[str, Field(min_length=1)]
    """Publication, table or judgement that the size rests on."""
    owner: Annotated[str, Field(min_length=1)]
    """Role that answers for the size."""
    quality: Quality
    """Official, derived, estimate, assumption or synthetic."""
    set_to_meet: Wording | None = None
    """Published figure that the size was set to meet, if it was."""

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Assumption:
        groups, reach, keys = _RULES[self.kind]
        if self.group not in groups:
            rule = f"kind {self.kind} belongs to group {' or '.join(sorted(groups))}"
            raise refuse("group-unfit", "group", self.group, rule)
        self._check_keys(keys)
        self._check_target()
        self._check_unit()
        self._check_reach(reach)
        if self.kind == "shift":
            self._check_shift()
        return self

    def _check_keys(self, keys: frozenset[str]) -> None:
        for key in Target.model_fields:
            if getattr(self.target, key) and key not in keys:
                rule = f"kind {self.kind} has no target key {key}"
                raise refuse(
                    "key-unfit", f"target.{key}", key, rule, f"It can use {', '.join(sorted(keys))}."
                )
        for kind, names in _OWN_KEYS.items():
            for key in names:
                if kind == self.kind and getattr(self, key) is None:
                    raise refuse("key-missing", key, None, f"kind {kind} needs the key {key}")
                if kind != self.kind and getattr(self, key) is not None:
                    raise refuse("key-unfit", key, key, f"only kind {kind} has the key {key}", "Remove it.")
        if self.length_ratio != 1.0 and self.from_level != "inpatient":
            rule = "only a shift from inpatient care has a length_ratio"
            raise refuse("key-unfit", "length_ratio", self.length_ratio, rule, "Remove it.")

    def _check_target(self) -> None:
        for key in _NEEDED.get(self.kind, ()):
            if not getattr(self.target, key):
                raise refuse("key-missing", f"target.{key}", None, f"kind {self.kind} needs target.{key}")
        if self.kind == "population" and self.target.parameter not in POPULATION_PARAMETERS:
            rule = f"expected one of {', '.join(POPULATION_PARAMETERS)}"
            raise refuse("unknown-parameter", "target.parameter", self.target.parameter, rule)
        age = self.target.age
        if self.kind == "age_shift" and (age is None or age[1] != 105):
            rule = "kind age_shift needs the age from which health is better, up to the last age, 105"
            raise refuse("age-out-of-range", "target.age", list(age or ()), rule, "Write age = [60, 105].")

    def _check_unit(self) -> None:
        if self.kind == "parameter" and self.mode == "absolute":
            return
        expected = "year" if self.kind == "age_shift" else "1"
        if self.unit != expected:
            meaning = "years of age" if expected == "year" else "a share: 0.05 for 5 %"
            rule = f'the unit of kind {self.kind} is "{expected}"'
            raise refuse("unit-unfit", "unit", self.unit, rule, f"Write the effect as {meaning}.")

    def _check_reach(self, reach: tuple[float, float]) -> None:
        low, high = self.effect.reach
        if low < reach[0] or high > reach[1]:
            rule = f"the effect of kind {self.kind} lies in {reach[0]:g} to {reach[1]:g} in every draw"
            shares = "Write 0.05 for 5 %, and cut a normal with low and high."
            way_out = "Write the shift in years." if self.kind == "age_shift" else shares
            raise refuse("effect-out-of-range", "effect", _reach(low, high), rule, way_out)
        low, high = self.realisation.reach
        if low < 0 or high > 1:
            way_out = share_way_out(high if high > 1 else low)
            raise refuse(
                "share-out-of-range", "realisation", _reach(low, high), "a share lies in 0–1", way_out
            )

    def _check_shift(self) -> None:
        if self.from_level == self.to_level:
            raise refuse("levels-equal", "to_level", self.to_level, "a shift has two different levels")
        if self.conversion is not None and self.conversion.reach[0] <= 0:
            got, rule = _reach(*self.conversion.reach), "a conversion is above 0 in every draw"
            raise refuse(
                "not-positive", "conversion", got, rule, "A shift moves activity and never loses it."
            )
        if self.length_ratio <= 0 or self.length_ratio * self.effect.reach[1] > 1:
            rule = "the moved stays hold more than none and at most all of the bed days"
            way_out = "Write 0.4 when the moved stays last 40 % of the mean."
            raise refuse("share-out-of-range", "length_ratio", self.length_ratio, rule, way_out)

    def draw(self, seed: int, draws: ArrayLike) -> dict[str, NDArray[np.float64]]:
        """Draw the sizes, each from a random stream of its own, named after the assumption.

        Parameters
        ----------
        seed : int
            Seed of the run.
        draws : array_like of int, dims (draw)
            Numbers of the draws; a draw has the same size in any chunk.

        Returns
        -------
        dict of ndarray, dims (draw)
            ``effect`` [unit], ``realisation`` [1] and, for a shift, ``conversion`` [1].
        """
        numbers = np.asarray(draws)
        parts = {"effect": ("", self.effect), "realisation": ("/realisation", self.realisation)}
        if self.conversion is not None:
            parts["conversion"] = ("/conversion", self.conversion)
        return {
            part: np.full(numbers.shape, size.value)
            if isinstance(size, Fixed)
            else size.ppf(streams.uniform(seed, f"assumption/{self.name}{suffix}", numbers))
            for part, (suffix, size) in parts.items()
        }

    def central(self) -> dict[str, float]:
        """Give the medians of effect, realisation and, for a shift, conversion: sizes of the central run."""
        sizes = {"effect": self.effect.central, "realisation": self.realisation.central}
        return sizes if self.conversion is None else {**sizes, "conversion": self.conversion.central}

    @cached_property
    def moving(self) -> str:
        """JSON of all that moves a number; wording and sources move none."""
        return self.model_dump_json(include=MOVING)

    def path(self, years: ArrayLike, realisation: ArrayLike | None = None) -> NDArray[np.float64]:
        """Give the share of the full effect that has come true, ``rho(t) = realisation * profile(t)``.

        Parameters
        ----------
        years : array_like of int, dims (year)
        realisation : array_like [1], dims (draw), optional
            Drawn realisation shares; the median without it.

        Returns
        -------
        ndarray [1], dims (year) for the median, (draw, year) for drawn shares
        """
        share = np.asarray(self.realisation.central if realisation is None else realisation, dtype=np.float64)
        return share[..., None] * self.profile.at(years)

    def values(self, years: ArrayLike, drawn: Mapping[str, ArrayLike] | None = None) -> NDArray[np.float64]:
        """Give the effect that has come true by each year, ``rho(t) * e``, in the unit of the assumption.

        Parameters
        ----------
        years : array_like of int, dims (year)
        drawn : mapping, optional
            What `draw` returned; the medians without it.

        Returns
        -------
        ndarray [unit], dims (year) for the medians, (draw, year) for draws
        """
        sizes = self.central() if drawn is None else drawn
        effect = np.asarray(sizes["effect"], dtype=np.float64)
        return effect[..., None] * self.path(years, sizes["realisation"])


def _reach(low: float, high: float) -> float | str:
    return low if low == high else f"{low:g} to {high:g}"
