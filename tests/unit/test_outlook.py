"""The outlook: what its questions answer, how it is written down, and what its address is made of."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

import framsyn
from framsyn.errors import PlanError
from framsyn.outlook.manifest import make_manifest
from framsyn.outlook.quantiles import ALL, QUANTILES
from framsyn.outlook.run import run
from framsyn.outlook.store import check_target, replace_directory, write_atomically
from framsyn.quantities import quantities
from framsyn.region import Region, arrays
from framsyn.scenario import Scenario
from framsyn.stages.capacity import beds_by_month

SERVICE_AREAS = ("SOM", "PHV", "PHBU", "TSB")


# ---------------------------------------------------------------- every quantity
def test_every_quantity_is_produced_and_every_product_is_declared(plan_run):
    produced = set(map(str, plan_run.trusts.data_vars))
    assert produced == set(quantities())
    assert set(map(str, plan_run.central.data_vars)) == produced
    assert set(map(str, plan_run.areas.data_vars)) <= produced
    assert set(map(str, plan_run.areas.data_vars)) == set(map(str, plan_run.central_areas.data_vars))


@pytest.mark.parametrize("name", list(quantities()))
def test_a_quantity_has_its_dimensions_and_keeps_its_bounds(plan_run, people_run, name):
    rule = quantities()[name]
    for outlook in (plan_run, people_run):
        for data, extra in ((outlook.trusts, {"draw", "year"}), (outlook.central, {"year"})):
            values = data[name]
            assert set(values.dims) == {*rule.dims, *extra}
            assert np.isfinite(values.values).all()
            assert rule.minimum is None or float(values.min()) >= rule.minimum
            assert rule.maximum is None or float(values.max()) <= rule.maximum
            assert values.dtype == np.float64


def test_municipal_quantities_keep_their_bounds(plan_run):
    for name, values in plan_run.areas.data_vars.items():
        low = quantities()[name].minimum
        known = values.sel(service_area=list(SERVICE_AREAS)) if "service_area" in values.dims else values
        assert np.isfinite(known.values).all(), name
        assert low is None or float(known.min()) >= low, name


# ---------------------------------------------------------------- quantiles
@pytest.mark.parametrize(
    ("name", "by", "where"),
    [
        ("bed_days", ("year",), {"service_area": "SOM"}),
        ("bed_days", ("year", "trust"), {"service_area": ["PHV", "TSB"]}),
        ("population", ("year",), {"age": slice(80, None)}),
        ("population", ("trust", "year", "sex"), None),
        ("need", ("year", "level"), {"trust": "sto"}),
        ("staff_gap", ("year",), {"profession": "nurse"}),
        ("beds", ("year", "trust"), {"service_area": "SOM"}),
        ("liquidity", ("year",), None),
    ],
)
def test_quantiles_are_taken_after_adding_up_within_each_draw(plan_run, midt, name, by, where):
    values = plan_run.trusts[name]
    for dim, label in (where or {}).items():
        if dim == "service_area" and dim not in values.dims:
            services = [
                s
                for s in midt.services
                if midt.service_area_of[s] in ([label] if isinstance(label, str) else label)
            ]
            values = values.sel(service=services)
        else:
            values = values.sel({dim: label})
    totals = values.sum([d for d in values.dims if d not in ("draw", *by)]).transpose("draw", *by).values
    levels = (0.07, 0.5, 0.9)
    found = plan_run.quantiles(name, levels, by, where)
    assert found.dims == ("quantile", *by)
    assert found.attrs["units"] == quantities()[name].unit
    np.testing.assert_allclose(found.values, np.quantile(totals, levels, axis=0), rtol=1e-12, atol=1e-12)


def test_a_quantile_of_a_sum_is_not_the_sum_of_quantiles(plan_run):
    whole = plan_run.quantiles("bed_days", 0.9, ("year",)).sel(year=2040).item()
    parts = plan_run.quantiles("bed_days", 0.9, ("year", "service")).sel(year=2040).sum().item()
    assert whole < parts * 0.999


def test_the_probability_of_breach_is_the_mean_over_draws(plan_run):
    breach = plan_run.draws("liquidity_breach", ("year",))
    assert set(np.unique(breach.values)) <= {0.0, 1.0}
    below = plan_run.draws("liquidity", ("year",)) < plan_run.region.parameter("liquidity_floor")
    np.testing.assert_array_equal(breach.values, below.values.astype(float))


def test_municipalities_have_the_stored_quantiles_of_their_draws(midt, plan, plan_chain):
    # The draws of municipalities are kept in single precision: seven digits.
    outlook = run(midt, plan, draws=30)
    _, areas = plan_chain
    for name in ("population", "stays", "patients"):
        expected = areas[name].quantile(list(QUANTILES), dim="draw")
        if name != "patients" and "service_area" in expected.dims:
            total = areas[name].sum("service_area").quantile(list(QUANTILES), dim="draw")
            stored = outlook.areas[name].sel(service_area=ALL)
            np.testing.assert_allclose(
                stored.values, total.transpose(*stored.dims).values, rtol=1e-6, atol=1e-4
            )
        stored = outlook.areas[name]
        if "service_area" in stored.dims:
            stored = stored.sel(service_area=list(SERVICE_AREAS))
        np.testing.assert_allclose(
            stored.values, expected.transpose(*stored.dims).values, rtol=1e-6, atol=1e-4
        )
    one = outlook.quantiles("stays", (0.1, 0.9), ("year", "area"), {"service_area": "SOM"})
    np.testing.assert_array_equal(
        one.values, outlook.areas["stays"].sel(service_area="SOM", quantile=[0.1, 0.9]).values
    )
    every = outlook.quantiles("stays", 0.5, ("year", "area"))
    np.testing.assert_array_equal(
        every.values, outlook.areas["stays"].sel(service_area=ALL, quantile=[0.5]).values
    )


def test_base_year_is_the_same_in_all_quantiles(plan_run):
    for name in ("population", "bed_days", "beds", "staff_demand", "result"):
        start = plan_run.quantiles(name, (0.01, 0.99), ("year",)).sel(year=2025)
        assert start[0].item() == pytest.approx(start[1].item(), rel=1e-12), name


def test_the_central_run_lies_inside_the_draws(plan_run):
    for name in ("population", "need", "stays", "beds", "staff_demand"):
        low, high = plan_run.quantiles(name, (0.05, 0.95), ("year",)).sel(year=2040).values
        assert low < plan_run.central_value(name, ("year",)).sel(year=2040).item() < high


REFUSED = {
    "unknown quantity": (lambda o: o.quantiles("bed_dayz"), "unknown-quantity", "bed_days"),
    "unknown dimension": (lambda o: o.quantiles("beds", by=("year", "ward")), "unknown-dimension", "ward"),
    "unknown dimension in where": (
        lambda o: o.quantiles("beds", where={"profession": "nurse"}),
        "unknown-dimension",
        "profession",
    ),
    "unknown label": (lambda o: o.quantiles("beds", where={"trust": "hmx"}), "unknown-label", "hmx"),
    "unknown service area of services": (
        lambda o: o.quantiles("stays", where={"service_area": "SOMA"}),
        "unknown-label",
        "SOMA",
    ),
    "no service area": (lambda o: o.quantiles("stays", where={"service_area": []}), "unknown-label", "SOM"),
    "one of two service areas": (
        lambda o: o.draws("need", where={"service_area": ["SOM", "ALL"]}),
        "unknown-label",
        "ALL",
    ),
    "level over one": (lambda o: o.quantiles("beds", 90), "quantile-out-of-range", "0.9"),
    "level not a number": (lambda o: o.quantiles("beds", float("nan")), "quantile-out-of-range", "0–1"),
    "level not stored": (
        lambda o: o.quantiles("population", 0.4, ("year", "area")),
        "quantile-not-stored",
        "0.25",
    ),
    "not by municipality": (
        lambda o: o.quantiles("beds", 0.5, ("year", "area")),
        "not-by-area",
        "population",
    ),
    "patients over services": (
        lambda o: o.quantiles("patients", by=("year",)),
        "not-additive",
        "more than one|several",
    ),
    "patients of municipalities": (
        lambda o: o.quantiles("patients", 0.5, ("year", "area")),
        "not-additive",
        "several",
    ),
    "summary level": (lambda o: o.summary("county"), "unknown-level", '"trust"'),
    "summary year": (lambda o: o.summary(years=[2041]), "year-outside-run", "until=2041"),
    "summary quantity": (lambda o: o.summary(names=["beds", "beddays"]), "unknown-quantity", "beddays"),
    "summary of nothing": (lambda o: o.summary("area", names=["beds"]), "nothing-to-summarise", "beds"),
    "compare quantity": (lambda o: framsyn.compare(o, o, names=["bets"]), "unknown-quantity", "beds"),
    "compare year": (lambda o: framsyn.compare(o, o, years=[2024]), "year-outside-run", "2025"),
    "explain quantity": (lambda o: o.explain(o, "bets"), "unknown-quantity", "beds"),
    "explain label": (
        lambda o: o.explain(o, "need", where={"service_area": "SOMA"}),
        "unknown-label",
        "SOMA",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_question_without_meaning_is_refused(plan_run, case):
    ask, code, told = REFUSED[case]
    with pytest.raises(PlanError, match=told) as caught:
        ask(plan_run)
    assert caught.value.code == code
    assert len(str(caught.value)) < 900


RUNS = {
    "one draw": ({"draws": 1}, "too-few-draws", "at least 2"),
    "no draws": ({"draws": 0}, "too-few-draws", "at least 2"),
    "horizon in the past": ({"until": 2024}, "horizon-out-of-range", "2025"),
    "horizon too far": ({"until": 2061}, "horizon-out-of-range", "2060"),
    "unknown control": ({"control": "municipality"}, "unknown-control", '"county"'),
    "no worker": ({"workers": 0}, "too-few-workers", "1 or more"),
    "unknown executor": ({"executor": "dask"}, "unknown-executor", '"serial"'),
    "negative seed": ({"seed": -1}, "bad-seed", "seed=1"),
    "unknown scenario": ({"scenario": "plann"}, "unknown-scenario", "plan"),
    "unknown region": ({"region": "midt-norg"}, "unknown-region", "midt-norge"),
}


@pytest.mark.parametrize("case", RUNS)
def test_a_run_that_cannot_be_made_is_refused(midt, demography, case):
    keys, code, told = RUNS[case]
    with pytest.raises(PlanError, match=told) as caught:
        run(**{"region": midt, "scenario": demography, "draws": 2, "until": 2026, **keys})
    assert caught.value.code == code


def test_a_run_of_the_base_year_alone(midt, plan):
    outlook = run(midt, plan, draws=2, until=2025)
    assert outlook.years == [2025]
    assert outlook.central_value("population", ("year",)).item() == 760_602


@pytest.mark.parametrize("executor", ["serial", "threads"])
def test_a_run_tells_where_it_is_and_can_be_cancelled(midt, demography, executor, monkeypatch):
    monkeypatch.setattr("framsyn.outlook.run.CHUNK", 50)
    told = []
    run(
        midt,
        demography,
        draws=120,
        until=2026,
        executor=executor,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(1, 3), (2, 3), (3, 3)]

    class Stop(Exception):
        pass

    def stop(done, total):
        raise Stop

    with pytest.raises(Stop):
        run(midt, demography, draws=120, until=2026, executor=executor, progress=stop)


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"target": {"service_area": "SOM"}, "effect": {"kind": "normal", "mean": 0.0, "sd": 0.5}}, "effect"),
        ({"kind": "population", "target": {"parameter": "birth_rate"}, "effect": 0.1}, "fertility"),
        ({"target": {"service": "som_99"}, "effect": 0.1}, "som_99"),
        ({"target": {"trust": "hmx"}, "effect": 0.1}, "hmx"),
        ({"target": {"area": "1500"}, "effect": 0.1}, "1500"),
        ({"target": {"service": "phv", "service_area": "SOM"}, "effect": 0.1}, "target"),
        (
            {"kind": "parameter", "mode": "relative", "target": {"parameter": "occupansy"}, "effect": 0.1},
            "occupancy",
        ),
        (
            {"kind": "parameter", "mode": "relative", "target": {"parameter": "unit_cost"}, "effect": 0.1},
            "unit_cost",
        ),
    ],
)
def test_an_assumption_that_fits_nothing_never_runs(midt, demography, assume, keys, told):
    with pytest.raises(PlanError, match=told):
        run(midt, demography.with_assumption(assume("wrong", **keys)), draws=2, until=2026)


def test_every_parameter_is_moved_or_refused(midt, demography, assume):
    """A change of a parameter that moves nothing would look like a change without effect."""
    from framsyn.outlook.run import prepare_chain, run_chain
    from framsyn.stages.draws import Draws

    before = run_chain(prepare_chain(midt, demography, 2026), Draws.central())[0]
    table = midt.table("parameters")
    refused = set()
    for name, rows in table.groupby("parameter"):
        zero = (rows["value"] == 0).all()
        keys = (
            {"mode": "absolute", "unit": rows["unit"].iloc[0], "effect": 0.01}
            if zero
            else {"mode": "relative", "effect": 0.1}
        )
        scenario = demography.with_assumption(
            assume(
                "one",
                kind="parameter",
                target={"parameter": name},
                profile={"kind": "step", "year": 2025},
                **keys,
            )
        )
        try:
            after = run_chain(prepare_chain(midt, scenario, 2026), Draws.central())[0]
        except PlanError as error:
            assert error.code == "parameter-fixed", (name, error)
            refused.add(name)
            continue
        assert any(not np.array_equal(before[key].values, after[key].values) for key in before.data_vars), (
            name
        )
    assert 10 < len(refused) < table["parameter"].nunique() - 20


# ---------------------------------------------------------------- summary
@pytest.mark.parametrize("level", ["region", "trust", "area"])
def test_summary_is_tidy(plan_run, midt, level):
    table = plan_run.summary(level)
    keys = ["quantity", "part", "year", *([] if level == "region" else [level])]
    assert not table.duplicated(keys).any()
    assert sorted(table["year"].unique()) == [2025, 2030, 2040]
    assert (table["unit"] == table["quantity"].map(lambda name: quantities()[name].unit)).all()
    assert (table["p10"] <= table["p50"] + 1e-9).all() and (table["p50"] <= table["p90"] + 1e-9).all()
    assert table[["central", "p10", "p50", "p90"]].notna().all().all()
    if level != "region":
        expected = midt.trusts if level == "trust" else midt.areas
        assert set(table[level]) == set(expected)
        assert (table.groupby(["quantity", "part", "year"]).size() == len(expected)).all()
    names = {
        "region": set(quantities()),
        "trust": {q.name for q in quantities().values() if "trust" in q.dims},
    }
    assert set(table["quantity"]) == names.get(level, set(map(str, plan_run.areas.data_vars)))
    assert (table.loc[(table["year"] == 2025) & table["change"].notna(), "change"] == 0).all()


def test_summary_says_what_quantiles_say(plan_run):
    table = plan_run.summary("trust", years=[2040], names=["bed_days"])
    row = table[(table["trust"] == "hnt") & (table["part"] == "SOM")].iloc[0]
    found = plan_run.quantiles("bed_days", (0.1, 0.5, 0.9), where={"service_area": "SOM"}).sel(trust="hnt")
    assert row[["p10", "p50", "p90"]].tolist() == pytest.approx(found.sel(year=2040).values.tolist())
    assert row["change"] == pytest.approx(float(found[1].sel(year=2040) / found[1].sel(year=2025)) - 1)
    central = plan_run.central_value("bed_days", where={"service_area": "SOM"}).sel(trust="hnt", year=2040)
    assert row["central"] == pytest.approx(float(central))


def test_beds_of_the_months_have_the_year_as_their_mean(plan_run, midt):
    beds = plan_run.central["beds"]
    months = beds_by_month(beds, midt)
    assert months.sizes["month"] == 12
    np.testing.assert_allclose(months.mean("month").transpose(*beds.dims).values, beds.values, rtol=1e-9)
    swing = arrays.season(midt).sel(service_area="SOM")
    found = months.sel(service_area="SOM", trust="hmr", year=2040)
    assert int(found.argmax("month")) == int(swing.argmax("month"))


# ---------------------------------------------------------------- address
def test_the_address_changes_with_each_input_and_only_then(midt, plan, demography, assume):
    def address(region=midt, scenario=plan, draws=100, seed=1, until=2040, control="none"):
        return make_manifest(region, scenario, draws, seed, until, control)["id"]

    start = address()
    assert address() == start
    assert address(region=Region.load("midt-norge")) == start
    assert address(scenario=Scenario.from_toml(plan.to_toml())) == start
    others = {
        address(draws=101),
        address(seed=2),
        address(until=2039),
        address(control="trust"),
        address(scenario=demography),
        address(scenario=plan.with_assumption(assume("more", effect=0.01))),
        address(region=Region.load("midt-norge", bindal=False)),
        address(scenario=plan.replace(plan.assumptions[0].name, realisation=0.5)),
    }
    assert len(others) == 8
    assert start not in others
    assert len(start) == 16 and set(start) <= set("0123456789abcdef")


def test_the_manifest_holds_what_is_needed_to_run_again(midt, plan, plan_run):
    m = plan_run.manifest
    assert m == make_manifest(midt, plan, 100, 1, 2040, "none")
    assert {
        "engine",
        "region",
        "region_digest",
        "switches",
        "scenario",
        "scenario_digest",
        "control",
        "until",
        "seed",
        "draws",
    } <= set(m)
    assert plan_run.id in repr(plan_run)


# ---------------------------------------------------------------- on disk
@pytest.fixture(scope="module")
def small(midt, demography):
    return run(midt, demography, draws=4, until=2026)


def test_what_is_written_is_what_was_found(plan_run, tmp_path):
    folder = plan_run.to_parquet(tmp_path / "out")
    assert {path.name for path in folder.iterdir()} == {
        "trusts.parquet",
        "areas.parquet",
        "scenario.toml",
        "manifest.json",
    }
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    table = pd.read_parquet(folder / "trusts.parquet")
    assert set(table["quantity"]) == set(quantities())
    row = table[
        (table["quantity"] == "beds")
        & (table["service_area"] == "SOM")
        & (table["trust"] == "sto")
        & (table["year"] == 2040)
    ]
    assert len(row) == 1
    found = plan_run.quantiles("beds", (0.1, 0.5, 0.9), where={"service_area": "SOM"}).sel(
        trust="sto", year=2040
    )
    assert row[["q10", "q50", "q90"]].values[0].tolist() == pytest.approx(found.values.tolist(), rel=1e-9)
    areas = pd.read_parquet(folder / "areas.parquet")
    oslo = areas[(areas["quantity"] == "population") & (areas["area"] == "5001") & (areas["year"] == 2030)]
    assert oslo["q50"].item() == pytest.approx(
        plan_run.quantiles("population", 0.5, ("year", "area")).sel(year=2030, area="5001").item()
    )
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["id"] == plan_run.id
    assert Scenario.load(folder / "scenario.toml") == plan_run.scenario


def test_writing_again_replaces_and_leaves_nothing_behind(small, tmp_path):
    folder = tmp_path / "out"
    small.to_parquet(folder)
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    small.to_parquet(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_that_is_not_ours_is_left_alone(small, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "thesis.docx").write_text("years of work")
    with pytest.raises(PlanError, match="did not write") as caught:
        small.to_parquet(folder)
    assert caught.value.code == "folder-not-ours"
    assert (folder / "thesis.docx").read_text() == "years of work"
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    with pytest.raises(PlanError, match="is a file"):
        small.to_parquet(folder / "thesis.docx")


@pytest.mark.parametrize("at", [0, 1])
def test_a_failed_write_leaves_the_old_results(small, tmp_path, monkeypatch, at):
    folder = tmp_path / "out"
    small.to_parquet(folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    real, calls = pd.DataFrame.to_parquet, []

    def full(self, path, **keys):
        calls.append(path)
        if len(calls) > at:
            path.write_bytes(b"half")
            raise OSError(28, "No space left on device")
        return real(self, path, **keys)

    monkeypatch.setattr(pd.DataFrame, "to_parquet", full)
    with pytest.raises(OSError, match="No space"):
        small.to_parquet(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    with pytest.raises(OSError, match="No space"):
        small.to_parquet(tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no SIGKILL")
@pytest.mark.parametrize("old", [True, False])
def test_a_killed_write_leaves_no_half_results(tmp_path, environment, old):
    folder = tmp_path / "out"
    program = (
        "import sys, time, pathlib\n"
        "import pandas as pd, framsyn\n"
        "o = framsyn.run('midt-norge', 'demography', draws=2, until=2026)\n"
        "target = pathlib.Path(sys.argv[1])\n"
        "if sys.argv[2] == 'True':\n    o.to_parquet(target)\n"
        "real = pd.DataFrame.to_parquet\n"
        "def slow(self, path, **keys):\n"
        "    pathlib.Path(path).write_bytes(b'half')\n"
        "    print('writing', flush=True)\n"
        "    time.sleep(120)\n"
        "pd.DataFrame.to_parquet = slow\n"
        "o.to_parquet(target)\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program, str(folder), str(old)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert child.stdout.readline().strip() == "writing"
        child.send_signal(signal.SIGKILL)
        child.wait(timeout=30)
    finally:
        child.kill()
        child.stdout.close()
    if old:
        assert {path.name for path in folder.iterdir()} == {
            "trusts.parquet",
            "areas.parquet",
            "scenario.toml",
            "manifest.json",
        }
        assert len(pd.read_parquet(folder / "trusts.parquet")) > 0
    else:
        assert not folder.exists()
    # The next run is not stopped by what the killed one left beside it.
    with replace_directory(folder) as fresh:
        (fresh / "manifest.json").write_text("{}")
    assert [path.name for path in folder.iterdir()] == ["manifest.json"]


def write_manifest(folder, text):
    with replace_directory(folder) as fresh:
        (fresh / "manifest.json").write_text(text)


STOPPED = """
import os, pathlib, signal, sys
from framsyn.outlook.store import replace_directory
real, moves = pathlib.Path.replace, []
def replace(self, target):
    moves.append(self)
    if len(moves) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(self, target)
pathlib.Path.replace = replace
with replace_directory(pathlib.Path(sys.argv[1])) as fresh:
    (fresh / "manifest.json").write_text("new")
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no SIGKILL")
def test_results_that_a_kill_left_between_two_names_come_back(tmp_path, environment):
    folder = tmp_path / "out"
    write_manifest(folder, "old")
    write_manifest(tmp_path / "out.b", "another's")
    done = subprocess.run([sys.executable, "-c", STOPPED, str(folder)], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    assert not folder.exists()
    assert check_target(folder) == folder
    assert (folder / "manifest.json").read_text() == "old"
    with pytest.raises(OSError, match="full"), replace_directory(folder):
        raise OSError("full")
    assert (folder / "manifest.json").read_text() == "old"
    write_manifest(folder, "newer")
    assert (folder / "manifest.json").read_text() == "newer"
    assert (tmp_path / "out.b" / "manifest.json").read_text() == "another's"
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".old")] == []


@pytest.mark.parametrize("stop", [KeyboardInterrupt, OSError])
def test_a_stop_between_two_names_puts_the_old_results_back(tmp_path, monkeypatch, stop):
    folder = tmp_path / "out"
    write_manifest(folder, "old")
    real, moves = type(folder).replace, []

    def replace(self, target):
        moves.append(self)
        if len(moves) == 2:
            raise stop
        return real(self, target)

    monkeypatch.setattr(type(folder), "replace", replace)
    with pytest.raises(stop):
        write_manifest(folder, "new")
    assert (folder / "manifest.json").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_one_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "deep" / "report.html"
    write_atomically(path, lambda p: p.write_text("first"))
    assert path.read_text() == "first"

    def fail(p):
        p.write_text("sec")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, fail)
    assert path.read_text() == "first"
    assert [p.name for p in path.parent.iterdir()] == ["report.html"]
    start = time.monotonic()
    write_atomically(path, lambda p: p.write_text("second"))
    assert path.read_text() == "second"
    assert time.monotonic() - start < 5
