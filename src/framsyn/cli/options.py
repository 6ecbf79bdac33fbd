"""Options that several commands share, and how their texts are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from framsyn.errors import PlanError

if TYPE_CHECKING:
    from framsyn.cli.progress import Work
    from framsyn.outlook.result import Outlook
    from framsyn.region import Region
    from framsyn.scenario import Scenario

__all__ = [
    "DrawsOption",
    "JsonOption",
    "RegionOptions",
    "RunOptions",
    "load_scenario",
    "no_scenarios",
    "read_moves",
    "read_names",
    "read_years",
    "run_scenario",
]

YES, NO = ("true", "on", "yes", "1"), ("false", "off", "no", "0")
COMPILES = "the first run after an installation compiles the kernels"
JOINS = "the workers of the cluster are asked, then make themselves ready"

JsonOption = Annotated[bool, Parameter(name="--json", help="Write JSON to stdout and nothing else.")]
DrawsOption = Annotated[
    int, Parameter(env_var="FRAMSYN_DRAWS", help="Number of draws; intervals need about 1000.")
]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class RegionOptions:
    """Which region, and with which settings."""

    region: Annotated[str, Parameter(help="Name of a region that comes along, or a folder.")] = "midt-norge"
    switch: Annotated[
        list[str],
        Parameter(
            help="Setting of the region, such as bindal=false; may be repeated.",
            show_default=False,
        ),
    ] = field(default_factory=list)

    def load(self) -> Region:
        """Read the region."""
        from framsyn.region import Region

        return Region.load(self.region, **read_switches(self.switch))


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class RunOptions(RegionOptions):
    """How a scenario is run."""

    draws: DrawsOption = 1000
    seed: Annotated[int, Parameter(help="Two runs with one seed share their random numbers.")] = 1
    until: Annotated[int, Parameter(help="Last year, at most 2060.")] = 2040
    control: Annotated[
        Literal["none", "trust", "county"],
        Parameter(help="Official population totals that the central run is made to meet."),
    ] = "none"
    workers: Annotated[
        int | None, Parameter(help="Parts computed at once; all processors if left out. Changes no figure.")
    ] = None
    executor: Annotated[
        Literal["threads", "processes", "serial"], Parameter(help="What computes the parts.")
    ] = "threads"
    cluster: Annotated[
        str | None,
        Parameter(help="Address of a Dask scheduler whose workers compute the parts. Changes no figure."),
    ] = None


def run_scenario(
    region: Region, scenario: str, options: RunOptions, work: Work, moves: Mapping[str, float] | None = None
) -> Outlook:
    """Run a scenario, with its levers moved where that is asked for, and its progress shown."""
    from framsyn.outlook.run import check_run, run

    check_run(options.draws, options.until)
    found = load_scenario(scenario, region)
    if moves:
        from framsyn.scenario.levers import move_levers

        found = move_levers(found, region, moves)
    with work.phase(
        f"Running {found.name}", options.draws, "draws", JOINS if options.cluster else COMPILES
    ) as step:
        return run(
            region,
            found,
            draws=options.draws,
            seed=options.seed,
            until=options.until,
            control=options.control,
            workers=options.workers,
            executor=options.executor,
            progress=step,
            cluster=options.cluster,
        )


def load_scenario(name: str, region: Region) -> Scenario:
    """Read a scenario by name or file, and say what to do where the region ships none."""
    from framsyn.scenario import Scenario

    try:
        return Scenario.load(name, region=region)
    except PlanError as error:
        if error.code != "unknown-scenario" or name.endswith(".toml") or Scenario.shipped(region):
            raise
        raise PlanError(
            "no-scenarios", no_scenarios(region), got=name, expected=[], region=region.name
        ) from error


def no_scenarios(region: Region) -> str:
    """Say that a region ships no scenario, and how to use those of midt-norge."""
    from framsyn.scenario.scenario import REGIONS

    theirs = REGIONS / "midt-norge" / "scenarios"
    return (
        f'The region "{region.name}" has no scenarios. Copy {theirs} to {region.folder / "scenarios"} and make them your '
        f"own, or name one by its file: {theirs / 'plan.toml'}. Assumptions about places must name places of this region."
    )


def read_switches(texts: Sequence[str]) -> dict[str, bool]:
    """Read settings of a region.

    >>> read_switches(["bindal=false"])
    {'bindal': False}
    """
    found: dict[str, bool] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or value.lower() not in YES + NO:
            message = f'--switch is "{text}"; expected NAME=true or NAME=false. Write --switch bindal=false.'
            raise PlanError("bad-switch", message, got=text, expected="NAME=true or NAME=false")
        found[name.strip()] = value.lower() in YES
    return found


def read_moves(texts: Sequence[str]) -> dict[str, float]:
    """Read the levers that are moved and where to.

    >>> read_moves(["work_processes=-10", "bed_occupancy=2,5"])
    {'work_processes': -10.0, 'bed_occupancy': 2.5}
    """
    found: dict[str, float] = {}
    for text in texts:
        name, _, value = text.partition("=")
        try:
            found[name.strip()] = float(value.replace("\u2212", "-").replace(",", "."))
        except ValueError:
            message = (
                f'--lever is "{text}"; expected NAME=NUMBER, such as --lever work_processes=-10. '
                "`framsyn levers` lists them."
            )
            raise PlanError("bad-lever", message, got=text, expected="NAME=NUMBER") from None
    return found


def read_years(text: str | None, first: int, last: int) -> list[int] | None:
    """Read a list of years, and refuse those outside a run.

    >>> read_years("2040, 2025", 2025, 2040)
    [2025, 2040]
    """
    if text is None:
        return None
    words = [word.strip() for word in text.split(",") if word.strip()]
    bad = [word for word in words if not word.isdigit() or not first <= int(word) <= last]
    if bad or not words:
        message = (
            f'--years is "{text}"; expected years in {first}–{last} with commas between, such as --years {first},{last}. '
            "A later year needs --until."
        )
        raise PlanError("bad-years", message, got=text, expected=[first, last])
    return sorted({int(word) for word in words})


def read_names(texts: Sequence[str]) -> list[str] | None:
    """Read names of quantities, repeated or with commas between; ``all`` is every one, none is left to the command.

    >>> read_names(["need,beds", "result"]), read_names([])
    (['need', 'beds', 'result'], None)
    """
    from framsyn.quantities import quantities, quantity

    names = [word.strip() for text in texts for word in text.split(",") if word.strip()]
    if not names:
        return None
    if names == ["all"]:
        return list(quantities())
    return [quantity(name).name for name in dict.fromkeys(names)]
