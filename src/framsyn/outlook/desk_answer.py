"""The outlook of a scenario on a desk: the questions of an :class:`Outlook`, made when they are asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from framsyn.outlook.desk_layout import COSTED
from framsyn.outlook.desk_lines import cut, quantiles_of_lanes
from framsyn.outlook.desk_memory import join_tokens, token_of
from framsyn.outlook.desk_recipes import part_of
from framsyn.outlook.desk_views import Quantities, central_areas_of, lanes_of_run, moved_bands, people_of
from framsyn.outlook.gather import add_up_places
from framsyn.outlook.manifest import make_manifest
from framsyn.outlook.result import Outlook
from framsyn.quantities import quantity
from framsyn.region import arrays
from framsyn.stages import climate
from framsyn.stages.cells import LEVELS, MEASURES, SERVICE_AREAS

if TYPE_CHECKING:
    from framsyn.outlook.desk import Desk
    from framsyn.outlook.desk_stages import Stages
    from framsyn.scenario import Scenario

__all__ = ["Answer"]

Question = tuple[str, Mapping[str, Any] | None, Sequence[str]]  # name, where, by
SEXES = ["male", "female"]
MANY = 12  # questions at once: a page, which needs all use


class Answer(Outlook):
    """The outlook of one scenario on a desk; it holds no draws itself.

    Attributes
    ----------
    quick : bool
        False where an assumption is limited to some places, so that the whole chain is run.
    """

    quick: bool

    def __init__(self, desk: Desk, scenario: Scenario, stages: Stages | None) -> None:
        put = object.__setattr__
        put(self, "region", desk.region)
        put(self, "scenario", scenario)
        put(self, "quick", stages is not None)
        put(self, "_desk", desk)
        put(self, "_stages", stages)
        put(self, "_known", {})
        put(self, "_middle", {})

    # ------------------------------------------------------------------ what a run has as a field

    _desk: Desk
    _stages: Stages | None
    _known: dict[str, np.ndarray]  # quantiles
    _middle: dict[str, np.ndarray]  # the central run

    @cached_property
    def manifest(self) -> dict[str, Any]:  # type: ignore[override]
        """``id`` and the inputs behind it."""
        d = self._desk
        return make_manifest(d.region, self.scenario, d.draws, d.seed, d.until, d.control)

    @property
    def years(self) -> list[int]:
        """Years of the run."""
        return list(self.labels["year"])

    @property
    def control_factors(self) -> xr.DataArray | None:  # type: ignore[override]
        """Factors that made the central run meet official totals."""
        return self._desk.people.chain.control

    @property
    def trusts(self) -> Quantities:  # type: ignore[override]
        """Every quantity with all its draws."""
        return Quantities(self, central=False)

    @property
    def central(self) -> Quantities:  # type: ignore[override]
        """Every quantity of the run in which nothing is left to chance."""
        return Quantities(self, central=True)

    @cached_property
    def central_areas(self) -> xr.Dataset:  # type: ignore[override]
        """People, need and activity by municipality in the central run."""
        if self._stages is None:
            return self._desk.whole(self.scenario).central_areas
        if not self.moved:
            return self._desk.people.central_areas
        with self._desk.lock:
            return central_areas_of(self._desk, self._stages)

    @cached_property
    def areas(self) -> xr.Dataset:  # type: ignore[override]
        """Stored quantiles by municipality: the desk's own, moved by the central run where a lever moves use."""
        if self._stages is None:
            return self._desk.whole(self.scenario).areas.assign_attrs(band="own")
        people = self._desk.people
        if not self.moved:
            return people.areas.assign_attrs(band="own")
        return moved_bands(people.areas, people.central_areas, self.central_areas)

    @cached_property
    def places(self) -> xr.Dataset | None:  # type: ignore[override]
        """Stored quantiles by hospital area and health community, as :attr:`areas`."""
        if self._stages is None:
            found = self._desk.whole(self.scenario).places
            return None if found is None else found.assign_attrs(band="own")
        people = self._desk.people
        if not self.moved:
            return people.places.assign_attrs(band="own")
        own, moved = (
            add_up_places(found, self.region) for found in (people.central_areas, self.central_areas)
        )
        return moved_bands(people.places, own, moved)

    @cached_property
    def moved(self) -> bool:
        """Whether the scenario moves need or activity from where the desk was opened."""
        return self._stages is not None and self._stages.use.token != self._desk.own_use

    # ------------------------------------------------------------------ questions

    def draws(
        self, name: str, by: Sequence[str] = ("year", "trust"), where: Mapping[str, Any] | None = None
    ) -> xr.DataArray:
        """Return a quantity's draws, as :meth:`Outlook.draws`."""
        found = self._cut(name, by, where)
        if found is None:
            return super().draws(name, by, where)
        coords = {"draw": np.arange(len(found) - 1), **self._labels_of(by, where)}
        return xr.DataArray(found[:-1], dims=("draw", *by), coords=coords, name=name)

    def central_value(
        self, name: str, by: Sequence[str] = ("year", "trust"), where: Mapping[str, Any] | None = None
    ) -> xr.DataArray:
        """Return a quantity of the central run, as :meth:`Outlook.central_value`."""
        found = None if {"area", "place"} & set(by) else self._cut(name, by, where)
        if found is None:
            return super().central_value(name, by, where)
        return xr.DataArray(found[-1], dims=tuple(by), coords=self._labels_of(by, where), name=name)

    def quantiles(
        self,
        name: str,
        q: float | Sequence[float] = (0.1, 0.5, 0.9),
        by: Sequence[str] = ("year", "trust"),
        where: Mapping[str, Any] | None = None,
    ) -> xr.DataArray:
        """Return quantiles over the draws, as :meth:`Outlook.quantiles`.

        By municipality or place ``attrs["band"]`` is ``"own"`` where the scenario's own draws are behind the band, and
        ``"moved"`` where it is the opening scenario's band moved by the central run.
        """
        levels = np.atleast_1d(np.asarray(q, dtype=float))
        known = bool(((levels >= 0) & (levels <= 1)).all())
        if {"area", "place"} & set(by) or not known or self._cut(name, by, where) is None:
            return super().quantiles(name, q, by, where)
        values = self.lines([(name, where, by)], levels.tolist())[0]
        coords = {"quantile": levels, **self._labels_of(by, where)}
        return xr.DataArray(values, dims=("quantile", *by), coords=coords, name=name).assign_attrs(
            units=quantity(name).unit
        )

    def lines(self, questions: Sequence[Question], q: Sequence[float] = (0.1, 0.5, 0.9)) -> list[np.ndarray]:
        """Return quantiles of many series at once, much faster than one by one.

        Parameters
        ----------
        questions : sequence of (name, where, by)
            As in :meth:`quantiles`.
        q : sequence of float

        Returns
        -------
        list of array, (quantile, *by)
        """
        levels = tuple(float(level) for level in q)
        plain = [key_of(question) for question in questions]
        keys = [f"{key} {levels}" for key in plain]
        with self._desk.lock:
            asked = {key for key, question in zip(keys, questions, strict=True) if not is_local(question)}
            if self._stages is not None and len(asked - self._known.keys()) > MANY:
                self._stages.make_use()
            series: dict[str, tuple[bytes, np.ndarray, np.ndarray]] = {}
            for key, short, (name, where, by) in zip(keys, plain, questions, strict=True):
                if key in self._known or key in series:
                    continue
                local = is_local((name, where, by))
                token = b"" if local else self._token(name, where or {}) + key.encode()
                kept = self._desk.memory.get(token) if token else None
                found = None if local or kept is not None else self._cut(name, by, where)
                if kept is not None:
                    self._known[key], self._middle[short] = kept
                elif found is None:
                    self._known[key] = super().quantiles(name, levels, by, where).values
                else:
                    self._middle[short] = found[-1].copy()
                    series[key] = token, found[:-1], self._middle[short]
            if series:
                made = quantiles_of_lanes([lanes for _, lanes, _ in series.values()], levels, self._desk.each)
                for (key, (token, _, middle)), values in zip(series.items(), made, strict=True):
                    self._known[key] = values
                    self._desk.memory.put(token, (values, middle))
        return [self._known[key] for key in keys]

    def _token(self, name: str, where: Mapping[str, Any]) -> bytes:
        """Return a token of all that a cut of a quantity is made of, as narrow as is known."""
        if self._stages is None or quantity(name).stage == "stages.population":
            return token_of(name, self.id if self._stages is None else "")
        area = where.get("service_area")
        if name in (*MEASURES, "need"):
            areas = [area] if isinstance(area, str) and area in SERVICE_AREAS else SERVICE_AREAS
            kind = "need:{}" if name == "need" else "residence:{},{}"
            return join_tokens(self._stages.ref(kind.format(each, name)).token for each in areas)
        part = part_of(name, area) if isinstance(area, str) and area in SERVICE_AREAS else None
        return self._stages.ref(part or name).token

    def central_lines(self, questions: Sequence[Question]) -> list[np.ndarray]:
        """Return the central run of many series, arrays of dims ``by``."""
        found = []
        for question in questions:
            name, where, by = question
            known = self._middle.get(key_of(question))
            if known is None:
                lanes = None if is_local(question) else self._cut(name, by, where)
                known = self.central_value(name, by, where).values if lanes is None else lanes[-1]
            found.append(known)
        return found

    # ------------------------------------------------------------------ lanes

    @cached_property
    def labels(self) -> dict[str, list[Any]]:
        """Labels of every dimension."""
        region = self.region
        return {
            "year": self._desk.people.years.tolist(),
            "trust": list(region.trusts),
            "service": list(region.services),
            "service_area": list(SERVICE_AREAS),
            "level": list(LEVELS),
            "sex": SEXES,
            "age": list(range(106)),
            "profession": list(arrays.professions(region)),
            "emission_source": list(climate.SOURCES),
        }

    def _labels_of(self, by: Sequence[str], where: Mapping[str, Any] | None) -> dict[str, list[Any]]:
        """Labels of the dimensions that are kept."""
        found = {}
        for dim in by:
            wanted = (where or {}).get(dim)
            known = self.labels[dim]
            if dim == "service" and "service_area" in (where or {}):
                known = self._services(where or {})
            elif isinstance(wanted, slice):
                first = known.index(wanted.start) if wanted.start is not None else 0
                stop = known.index(wanted.stop) + 1 if wanted.stop is not None else len(known)
                known = known[first:stop]
            elif wanted is not None:
                known = list(wanted)
            found[dim] = known
        return found

    def _services(self, where: Mapping[str, Any]) -> list[str]:
        """Services of the service areas that are asked for."""
        wanted = where["service_area"]
        areas = [wanted] if isinstance(wanted, str) else list(wanted)
        known = set(SERVICE_AREAS)
        if not areas or not set(areas) <= known:
            return []
        return [s for s in self.region.services if self.region.service_area_of[s] in areas]

    def _cut(self, name: str, by: Sequence[str], where: Mapping[str, Any] | None) -> np.ndarray | None:
        """Return a cut of a quantity with its lanes, (lane, *by); None where only the slow road knows what to say."""
        rule = quantity(name)
        chosen = dict(where or {})
        gone = [dim for dim in rule.dims if dim not in by and not isinstance(chosen.get(dim), str | int)]
        if any(dim in rule.not_over for dim in gone):
            return None
        if "service" in rule.dims and "service_area" in chosen:
            services = self._services(chosen)
            if not services or "service" in chosen:
                return None
            del chosen["service_area"]
            chosen["service"] = services
        with self._desk.lock:
            found = self._added_cut(name, by, chosen)
            if found is None:
                if name == "population" and self._stages is not None:
                    values, labels = people_of(self._desk, self.labels, chosen)
                else:
                    values, labels = self.lanes_of(name)
                found = cut(values, labels, by, chosen, rule.aggregation == "mean")
        return found

    def _added_cut(self, name: str, by: Sequence[str], where: dict[str, Any]) -> np.ndarray | None:
        """Cut what is already added up over ages, services or trusts; None where nothing is that fits the question."""
        stages, dims = self._stages, quantity(name).dims
        if stages is None:
            return None
        if name in (*MEASURES, "need"):
            areas = (
                None
                if {"service", "level"} & {*by, *(set(where) - {"service"})}
                else self._whole_areas(where)
            )
            if areas is None:
                return None
            kind = "need:{}" if name == "need" else "residence:{},{}"
            parts = [stages.array(kind.format(area, name)) for area in areas]
            values = parts[0] if len(parts) == 1 else sum(parts[1:], start=parts[0])
            dims, where = ("trust",), {key: label for key, label in where.items() if key != "service"}
        elif name == "population":
            if {"sex", "age"} & {*by, *where}:
                return None
            values, dims = stages.array(name), ("trust",)
        elif part_of(name, SERVICE_AREAS[0]) and where.get("service_area") in SERVICE_AREAS:
            node, dims = part_of(name, where["service_area"]), ("trust",)
            where = {key: label for key, label in where.items() if key != "service_area"}
            if "trust" not in (*by, *where):
                node, dims = f"total:{node}", ()
            values = stages.array(str(node))
        elif dims and dims[-1] == "trust" and "trust" not in (*by, *where):
            values, dims = stages.array(f"total:{name}"), dims[:-1]
        else:
            return None
        return cut(values, {dim: self.labels[dim] for dim in ("year", *dims)}, by, where)

    def _whole_areas(self, where: Mapping[str, Any]) -> list[str] | None:
        """Service areas whose services are all asked for, and no others; None if some are asked for in part."""
        wanted = where.get("service", self.labels["service"])
        area_of = self.region.service_area_of
        if isinstance(wanted, str):
            return None
        areas = [area for area in SERVICE_AREAS if any(area_of.get(s) == area for s in wanted)]
        return areas if list(wanted) == [s for s in self.labels["service"] if area_of[s] in areas] else None

    def lanes_of(self, name: str) -> tuple[np.ndarray, dict[str, list[Any]]]:
        """Return a quantity with its lanes and the labels of its dimensions."""
        rule = quantity(name)
        dims = ("year", *rule.dims)
        labels = {dim: self.labels[dim] for dim in dims}
        with self._desk.lock:
            if self._stages is None:
                return lanes_of_run(self._desk.whole(self.scenario), name, dims), labels
            if name == "population":
                values, _ = people_of(self._desk, self.labels, {})
            elif name in MEASURES:
                m = MEASURES.index(name)
                blocks = self._stages.use.fill([((i, m, False),) for i in range(len(labels["service"]))])
                values = np.stack(blocks, axis=1).T
            elif name == "need":
                cells = [(i, m, True) for m in COSTED for i in range(len(labels["service"]))]
                blocks = self._stages.use.fill([(cell,) for cell in cells])
                trusts, years, lanes = blocks[0].shape
                stacked = np.empty((trusts, len(LEVELS), len(labels["service"]), years, lanes))
                for block, (i, m, _) in zip(blocks, cells, strict=True):
                    stacked[:, m - 1, i] = block
                values = stacked.T
            else:
                values = self._stages.array(name)
        return values, labels


def key_of(question: Question) -> str:
    """Return a question as a text: equal questions, equal text.

    >>> key_of(("beds", {"trust": "hmr"}, ["year"]))
    "beds {'trust': 'hmr'} ('year',)"
    """
    name, where, by = question
    return f"{name} {where!r} {tuple(by)}"


def is_local(question: Question) -> bool:
    """Tell whether municipalities or other places are asked for, which have bands of their own."""
    return bool({"area", "place"} & set(question[2]))
