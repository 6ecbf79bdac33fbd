"""The same seed gives the same bytes however the work is split, and what an assumption cannot reach keeps every bit."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from framsyn.outlook import run as chain
from framsyn.outlook.run import run
from framsyn.stages.draws import Draws

DRAWS, UNTIL = 53, 2029  # 53 leaves a short last chunk whatever the size
PARTS = ("trusts", "areas", "central", "central_areas")


def everything(outlook):
    """Every number of an outlook as bytes, by part and name."""
    found = {}
    for part in PARTS:
        data = getattr(outlook, part)
        for name in [*data.data_vars, *data.coords]:
            found[part, str(name)] = (data[name].dims, data[name].values.tobytes())
    return found


def same(first, second):
    assert first.keys() == second.keys()
    moved = [key for key in first if first[key] != second[key]]
    assert moved == []


@pytest.fixture(scope="module")
def usual(midt, plan):
    return run(midt, plan, draws=DRAWS, until=UNTIL)


@pytest.fixture(scope="module")
def usual_bytes(usual):
    return everything(usual)


# ---------------------------------------------------------------- how the work is split
@pytest.mark.parametrize(
    ("chunk", "workers", "executor"),
    [
        (7, 1, "serial"),
        (25, 1, "threads"),
        (50, 1, "serial"),
        (7, 2, "threads"),
        (25, 2, "threads"),
        (50, 2, "threads"),
        (25, 2, "processes"),
        (7, 3, "threads"),
        (1000, 2, "threads"),
    ],
)
def test_chunks_workers_and_executors_change_no_byte(
    midt, plan, usual, usual_bytes, monkeypatch, chunk, workers, executor
):
    monkeypatch.setattr(chain, "CHUNK", chunk)
    again = run(midt, plan, draws=DRAWS, until=UNTIL, workers=workers, executor=executor)
    same(everything(again), usual_bytes)
    assert again.id == usual.id


def test_a_run_leaves_no_trace_in_the_next(midt, plan, demography, usual_bytes):
    run(midt, demography, draws=20, until=2035, control="trust", seed=9)
    same(everything(run(midt, plan, draws=DRAWS, until=UNTIL)), usual_bytes)


def test_results_of_a_chunk_outlive_the_next_chunk(midt, demography):
    """Workers use their memory again; no result may refer to it."""
    prepared = chain.prepare_chain(midt, demography, 2027)
    runner = chain._ChunkRunner(prepared)
    first = runner(Draws.range(1, 0, 5))
    kept = [data.copy(deep=True) for data in first]
    runner(Draws.range(1, 5, 10))
    for before, after in zip(kept, first, strict=True):
        for name in before.data_vars:
            assert before[name].values.tobytes() == after[name].values.tobytes(), name


@pytest.mark.parametrize("threads", [1, 2])
def test_threads_of_linear_algebra_change_no_byte(midt, plan, usual_bytes, threads):
    with threadpool_limits(limits=threads, user_api="blas"):
        same(everything(run(midt, plan, draws=DRAWS, until=UNTIL)), usual_bytes)


def test_another_process_with_other_threads_gives_the_same_bytes(usual, environment):
    program = (
        "import hashlib, framsyn\n"
        f"o = framsyn.run('midt-norge', 'plan', draws={DRAWS}, until={UNTIL})\n"
        "h = hashlib.sha256()\n"
        "for part in (o.trusts, o.areas, o.central, o.central_areas):\n"
        "    for name in sorted(map(str, part.data_vars)):\n"
        "        h.update(name.encode()); h.update(part[name].values.tobytes())\n"
        "print(o.id, h.hexdigest())\n"
    )
    told = set()
    for threads in ("1", "4"):
        setting = {"OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads, "PYTHONHASHSEED": threads}
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**environment, **setting},
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
        )
        told.add(done.stdout.strip())
    assert len(told) == 1
    assert told.pop().split()[0] == usual.id


# ---------------------------------------------------------------- seeds, draws, horizon
def test_seeds_differ_where_chance_is_and_only_there(midt, plan, usual, usual_bytes):
    other = run(midt, plan, draws=DRAWS, until=UNTIL, seed=2)
    found = everything(other)
    for part in ("central", "central_areas"):
        for key in (key for key in found if key[0] == part):
            assert found[key] == usual_bytes[key], key
    for name in ("population", "need", "stays", "patients", "staff_demand", "liquidity", "emissions"):
        ours, theirs = usual.trusts[name].values, other.trusts[name].values
        assert ours.tobytes() != theirs.tobytes(), name
    assert other.id != usual.id
    assert (usual.trusts["population"].sel(year=2025) == other.trusts["population"].sel(year=2025)).all()


def test_fewer_draws_are_the_first_of_more(midt, plan, usual):
    fewer = run(midt, plan, draws=20, until=UNTIL)
    for name in fewer.trusts.data_vars:
        assert (
            fewer.trusts[name].values.tobytes() == usual.trusts[name].isel(draw=slice(0, 20)).values.tobytes()
        ), name


def test_a_shorter_horizon_is_the_beginning_of_a_longer(midt, plan, usual):
    """People, use and all that follows of the years up to 2027 do not know how far the run goes."""
    short = run(midt, plan, draws=20, until=2027)
    for name in short.trusts.data_vars:
        begin = usual.trusts[name].isel(draw=slice(0, 20)).sel(year=slice(2025, 2027))
        assert short.trusts[name].values.tobytes() == begin.values.tobytes(), name


def test_two_scenarios_share_their_people(plan_run, people_run):
    for name in ("population", "births", "deaths", "net_migration"):
        assert plan_run.trusts[name].values.tobytes() == people_run.trusts[name].values.tobytes()


# ---------------------------------------------------------------- one assumption more
PEOPLE = {
    "population",
    "population_65_plus",
    "population_80_plus",
    "births",
    "deaths",
    "net_migration",
    "control_adjustment",
}
RESIDENTS = {"need", "stays", "bed_days", "day_treatments", "outpatient_contacts"}
TREATED = {f"treated_{name}" for name in RESIDENTS - {"need"}}
ROOMS = {"beds", "beds_service_level", "bed_gap", "day_places", "outpatient_rooms"}
STAFF = {"staff_demand", "staff_gap", "staff_intake_required"}
MONEY = {
    "income_block_grant",
    "income_activity",
    "cost_staff",
    "cost_drugs",
    "cost_goods",
    "cost_outsourced",
    "cost_buildings",
    "liquidity",
    "operating_gain",
    "result",
    "liquidity_breach",
    "gain_required",
}
HALLS = {"theatres", "imaging_rooms", "floor_area"}
OF_USE = RESIDENTS | TREATED | ROOMS | STAFF | MONEY | HALLS | {"patients", "emissions"}
UNCERTAIN = {"kind": "triangular", "low": 0.05, "mode": 0.1, "high": 0.2}

# What one assumption more may move: (assumption, variables, services by residence, service areas, trusts by residence).
# Whatever is not named keeps every bit, in the draws as in the central run.
CASES = {
    "practice factor with ages": (
        {
            "group": "practice",
            "target": {"service": "som_09", "measure": "bed_days", "age": [67, 79]},
            "effect": UNCERTAIN,
        },
        {
            "bed_days": "som_09",
            "treated_bed_days": "SOM",
            "beds": "SOM",
            "beds_service_level": "SOM",
            "bed_gap": "SOM",
            "floor_area": "",
            **dict.fromkeys(STAFF | (MONEY - {"income_block_grant", "income_activity"}) | {"emissions"}, ""),
        },
    ),
    "need factor": (
        {"group": "need", "target": {"service": "phv", "level": "outpatient"}, "effect": UNCERTAIN},
        {
            "need": "phv",
            "outpatient_contacts": "phv",
            "treated_outpatient_contacts": "PHV",
            "outpatient_rooms": "PHV",
            "floor_area": "",
            **dict.fromkeys(STAFF | MONEY | {"emissions"}, ""),
        },
    ),
    "need factor of a whole service area": (
        {
            "group": "need",
            "target": {"service_area": "PHV"},
            "effect": UNCERTAIN,
            "realisation": {"kind": "uniform", "low": 0, "high": 1},
        },
        {
            **dict.fromkeys(RESIDENTS, "phv"),
            **dict.fromkeys(TREATED | ROOMS | {"patients"}, "PHV"),
            "floor_area": "",
            **dict.fromkeys(STAFF | MONEY | {"emissions"}, ""),
        },
    ),
    "shift with ages": (
        {
            "kind": "shift",
            "target": {"service": "som_11", "age": [20, 66]},
            "from_level": "inpatient",
            "to_level": "day",
            "conversion": {"kind": "uniform", "low": 1, "high": 2},
            "effect": UNCERTAIN,
        },
        {
            **dict.fromkeys({"stays", "bed_days", "day_treatments"}, "som_11"),
            **dict.fromkeys(
                {
                    "treated_stays",
                    "treated_bed_days",
                    "treated_day_treatments",
                    "beds",
                    "beds_service_level",
                    "bed_gap",
                    "day_places",
                },
                "SOM",
            ),
            **dict.fromkeys(HALLS | STAFF | (MONEY - {"income_block_grant"}) | {"emissions"}, ""),
        },
    ),
    "healthier ageing elsewhere": (
        {
            "kind": "age_shift",
            "target": {"service_area": "PHV", "age": [50, 105]},
            "effect": {"kind": "uniform", "low": -1, "high": 3},
        },
        {
            **dict.fromkeys(RESIDENTS, "phv"),
            **dict.fromkeys(TREATED | ROOMS | {"patients"}, "PHV"),
            "floor_area": "",
            **dict.fromkeys(STAFF | MONEY | {"emissions"}, ""),
        },
    ),
    "healthier ageing in one service": (
        {
            "kind": "age_shift",
            "target": {"service": "som_01", "age": [60, 105]},
            "effect": {"kind": "uniform", "low": 1, "high": 3},
        },
        {
            **dict.fromkeys(RESIDENTS, "som_01"),
            **dict.fromkeys(TREATED | ROOMS, "SOM"),
            **dict.fromkeys(HALLS | STAFF | MONEY | {"emissions"}, ""),
        },
    ),
    "levelling where all use alike": (
        {"kind": "levelling", "target": {"service_area": ["PHV", "TSB"]}, "effect": 0.5},
        {},
    ),
    "parameter of capacity": (
        {
            "kind": "parameter",
            "group": "capacity",
            "mode": "relative",
            "target": {"parameter": "occupancy", "service_area": "PHV"},
            "effect": {"kind": "uniform", "low": -0.05, "high": 0.05},
        },
        {
            "beds": "PHV",
            "bed_gap": "PHV",
            "floor_area": "",
            **dict.fromkeys(
                {
                    "cost_buildings",
                    "liquidity",
                    "liquidity_breach",
                    "operating_gain",
                    "result",
                    "gain_required",
                },
                "",
            ),
        },
    ),
    "parameter of staff": (
        {
            "kind": "parameter",
            "group": "workforce",
            "mode": "absolute",
            "unit": "1",
            "effect": {"kind": "uniform", "low": -0.02, "high": 0.02},
            "target": {"parameter": "sick_leave"},
        },
        {"staff_available": ""},
    ),
    "parameter of money": (
        {
            "kind": "parameter",
            "group": "economy",
            "mode": "relative",
            "target": {"parameter": "loan_rate"},
            "effect": UNCERTAIN,
        },
        dict.fromkeys({"interest", "liquidity", "liquidity_breach", "result", "gain_required"}, ""),
    ),
    "parameter of climate": (
        {
            "kind": "parameter",
            "group": "climate",
            "mode": "relative",
            "target": {"parameter": "energy_kwh_per_m2"},
            "effect": UNCERTAIN,
        },
        {"emissions": "energy"},
    ),
    "factor in one trust": (
        {
            "group": "practice",
            "target": {"service": "som_13", "measure": "outpatient_contacts", "trust": "hnt"},
            "effect": UNCERTAIN,
        },
        {
            "outpatient_contacts": "som_13@hnt",
            "treated_outpatient_contacts": "SOM",
            "outpatient_rooms": "SOM",
            **dict.fromkeys(HALLS | STAFF | (MONEY - {"income_block_grant"}) | {"emissions"}, ""),
        },
    ),
    "factor in one municipality": (
        {
            "group": "practice",
            "target": {"service": "som_13", "measure": "outpatient_contacts", "area": "5006"},
            "effect": UNCERTAIN,
        },
        {
            "outpatient_contacts": "som_13@hnt",
            "treated_outpatient_contacts": "SOM",
            "outpatient_rooms": "SOM",
            **dict.fromkeys(HALLS | STAFF | (MONEY - {"income_block_grant"}) | {"emissions"}, ""),
        },
    ),
}


def untouched(values, reach):
    """Return what a reach leaves of a variable: all but a service, service area or source, or one of them @ trust."""
    label, _, trust = reach.partition("@")
    if not label:
        return None
    dim = next(
        d
        for d in ("service", "service_area", "emission_source")
        if d in values.dims and label in values[d].values
    )
    rest = (
        values.where(values[dim] != label, drop=True)
        if not trust
        else values.where((values[dim] != label) | (values["trust"] != trust), 0.0)
    )
    return rest


@pytest.mark.parametrize("case", CASES)
def test_one_assumption_more_leaves_the_rest_bit_identical(midt, plan, usual, assume, case):
    keys, reach = CASES[case]
    added = run(midt, plan.with_assumption(assume("one_more", **keys)), draws=20, until=UNTIL)
    for part, before, after in (
        ("draws", usual.trusts.isel(draw=slice(0, 20)), added.trusts),
        ("central", usual.central, added.central),
    ):
        for name in before.data_vars:
            old, new = before[name], after[name]
            if name in reach:
                if part == "draws" and name != "liquidity_breach":
                    assert old.values.tobytes() != new.values.tobytes(), f"{name} should have moved"
                old, new = untouched(old, reach[name]), untouched(new, reach[name])
                if old is None:
                    continue
            assert old.values.tobytes() == new.values.tobytes(), f"{part}: {name} moved beyond its reach"
    if "population" not in reach:
        for name in ("population", "population_65_plus", "population_80_plus"):
            assert usual.central_areas[name].values.tobytes() == added.central_areas[name].values.tobytes()
    areas = {"SOM", "PHV", "PHBU", "TSB"}
    hit = {
        midt.service_area_of[label]
        for label in (r.partition("@")[0] for r in reach.values())
        if label in midt.services
    }
    for service_area in areas - hit:
        for name in (*sorted(RESIDENTS), "patients"):
            old, new = (
                data.central_areas[name].sel(service_area=service_area).values for data in (usual, added)
            )
            assert old.tobytes() == new.tobytes(), f"municipalities: {name} in {service_area}"


def test_the_order_of_what_is_added_does_not_matter_to_its_chance(midt, plan, demography, assume):
    """The same assumption has the same draws in any scenario: its stream is named after it."""
    parts = [
        assume("one_more", group="practice", target={"service": "phv", "measure": "stays"}, effect=UNCERTAIN)
    ]
    alone = run(midt, demography.with_assumption(parts[0]), draws=20, until=UNTIL).draws(
        "stays", where={"service": "phv"}
    )
    base = run(midt, demography, draws=20, until=UNTIL).draws("stays", where={"service": "phv"})
    assert not np.array_equal(alone.values, base.values)
    path = Draws.range(1, 0, 20).effect(
        demography.with_assumption(parts[0]).assumption("one_more"), alone["year"].values
    )
    # Chance is rescaled with the mean, so the ratio is the factor up to the chance's own change.
    ratio = (alone.sum("trust") / base.sum("trust")).values
    np.testing.assert_allclose(ratio, 1 + path, atol=0.01)


@pytest.mark.parametrize(
    "parameter", ["pay_per_fte", "retirement_age", "isf_share", "occupancy", "loan_rate", "position_share"]
)
def test_an_assumption_in_force_from_the_start_changes_no_byte_with_the_chunks(
    midt, demography, assume, monkeypatch, parameter
):
    """The base year is then not the same in all draws; nothing may take the first draw of a chunk for all."""
    early = assume(
        "early",
        kind="parameter",
        group="economy",
        mode="relative",
        target={"parameter": parameter},
        effect={"kind": "uniform", "low": -0.02, "high": 0.02},
        profile={"kind": "step", "year": 2020},
    )
    scenario = demography.with_assumption(early)
    found = []
    for size in (4, 9):
        monkeypatch.setattr(chain, "CHUNK", size)
        found.append(everything(run(midt, scenario, draws=10, until=2026)))
    same(*found)


def test_factors_in_force_from_the_start_change_no_byte_with_the_chunks(midt, plan, assume, monkeypatch):
    early = assume(
        "early", target={"service_area": "SOM"}, effect=UNCERTAIN, profile={"kind": "step", "year": 2020}
    )
    found = []
    for size in (4, 9):
        monkeypatch.setattr(chain, "CHUNK", size)
        found.append(everything(run(midt, plan.with_assumption(early), draws=10, until=2026)))
    same(*found)
