"""A short program that makes the first figure of the view again, on any machine that has Framsyn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framsyn.outlook.manifest import engine_version
from framsyn.web.explorer.known import SAVED, scenario_of
from framsyn.web.explorer.results.series import Want, ask_of

if TYPE_CHECKING:
    from framsyn.web.explorer.results.view import View

__all__ = ["snippet_text"]

_PLAIN = '''\
"""{title}. Run {run}, made with Framsyn {version}."""

import framsyn
{imports}
region = framsyn.Region.load({region!r})
scenario = {scenario}
{moves}outlook = {outlook}

if outlook.id != {run!r}:
    print("Another version of Framsyn or of its data: run", outlook.id, "in place of {run}.")

low, median, high = outlook.quantiles({name!r}, (0.1, 0.5, 0.9), {by!r}, {where!r}).sel(year={year}).values.ravel()
print(f"{name} {{median:.6g}} [{unit}] in {year}, 80 % between {{low:.6g}} and {{high:.6g}}")
'''


def snippet_text(view: View) -> str:
    """Return the program: the beds of the view where they are those of trusts, else the need of the residents.

    It prints median and 80 % interval of the year on view. Below a trust the interval is that of the scenario, moved with
    the central run, so the same desk is opened as behind the page.
    """
    state = view.state
    name = "need" if view.local else "beds"
    ask = ask_of(Want(name, state.service), view.place)
    assert ask is not None  # beds are known of region and trusts, need of all
    _, where, by = ask
    made = view.answer.manifest
    terms = ", ".join(f"{key}={made[key]!r}" for key in ("draws", "seed", "until", "control"))
    imports, moves = [], ""
    if state.levers:
        imports.append("from framsyn.scenario.levers import move_levers")
        moves = f"moved = move_levers(scenario, region, {state.moves!r})\n"
    last = "moved" if moves else "scenario"
    outlook = f"framsyn.run(region, {last}, {terms})"
    if view.local:
        imports.append("from framsyn.outlook.desk import Desk")
        outlook = f"Desk.open(region, scenario, {terms}).answer({last})"
    return _PLAIN.format(
        title=f"{view.what(name)}, {view.where}, {view.year}".replace('"', "'").replace("\\", "/"),
        run=view.answer.id,
        version=engine_version(),
        imports="".join(f"{line}\n" for line in sorted(imports)),
        region=view.region.name,
        scenario=_scenario(state.scenario),
        moves=moves,
        outlook=outlook,
        name=name,
        by=by,
        where=where,
        year=view.year,
        unit="bed" if name == "beds" else "MNOK (2025)",
    )


def _scenario(name: str) -> str:
    """Say where the scenario comes from: with Framsyn itself, or written out where somebody saved it here."""
    if name.startswith(SAVED):
        return f"framsyn.Scenario.from_toml({scenario_of(name).to_toml()!r})"
    return f"framsyn.Scenario.load({name!r}, region=region)"
