"""Questions asked of outlooks: differences, causes, drivers, levers; each against a plainer way to the same answer."""

from __future__ import annotations

import itertools
import shutil

import numpy as np
import pandas as pd
import pytest

import framsyn
from framsyn.analyses.drivers import rank_drivers
from framsyn.analyses.explain import explain_change
from framsyn.errors import PlanError
from framsyn.methods.decomposition import das_gupta
from framsyn.outlook.desk import Desk
from framsyn.outlook.run import prepare_chain, run, run_chain
from framsyn.region import Region
from framsyn.stages.draws import Draws


def central(region, scenario, until=2040, control="none"):
    return run_chain(prepare_chain(region, scenario, until, control=control), Draws.central())[0].isel(draw=0)


@pytest.fixture(scope="module")
def pieces(assume):
    """Three assumptions that do not act apart from each other: their order and company matter."""
    return {
        "older": assume("older", target={"service_area": "SOM", "age": [67, 105]}, effect=0.10),
        "moved": assume(
            "moved",
            kind="shift",
            target={"service_area": "SOM"},
            from_level="inpatient",
            to_level="day",
            conversion=1.2,
            effect=0.2,
            length_ratio=0.5,
        ),
        "younger": assume(
            "younger", kind="age_shift", target={"service_area": "SOM", "age": [60, 105]}, effect=1.5
        ),
    }


def with_pieces(scenario, pieces, names):
    for name in pieces:
        if name in names:
            scenario = scenario.with_assumption(pieces[name])
    return scenario


# ---------------------------------------------------------------- explain
@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("need", {"service_area": "SOM"}),
        ("bed_days", {"service_area": "SOM"}),
        ("day_treatments", None),
        ("outpatient_rooms", {"trust": "hnt"}),
        ("staff_demand", {"profession": "nurse"}),
        ("result", None),
    ],
)
def test_effects_add_up_to_the_difference_of_the_two_runs(people_run, plan_run, name, where):
    both_ways = ((people_run, plan_run), (plan_run, people_run))
    for first, second in both_ways if name == "need" else both_ways[:1]:
        found = first.explain(second, name, where=where)
        assert found.before == pytest.approx(
            first.central_value(name, ("year",), where).sel(year=2040).item(), rel=1e-9
        )
        assert found.after == pytest.approx(
            second.central_value(name, ("year",), where).sel(year=2040).item(), rel=1e-9
        )
        assert sum(found.effects.values()) == pytest.approx(found.after - found.before, rel=1e-9, abs=1e-7)
        table = found.table("nb")
        assert set(table["factor"]) == set(found.effects)
        assert table["effect"].sum() == pytest.approx(found.after - found.before, rel=1e-9, abs=1e-7)
        assert table["label"].str.len().min() > 0


@pytest.mark.parametrize("name", ["need", "bed_days", "beds"])
def test_change_since_the_base_year_adds_up(plan_run, name):
    where = {"service_area": "SOM"}
    found = explain_change(plan_run, name, where=where)
    series = plan_run.central_value(name, ("year",), where)
    assert found.before == pytest.approx(series.sel(year=2025).item(), rel=1e-9)
    assert found.after == pytest.approx(series.sel(year=2040).item(), rel=1e-9)
    assert sum(found.effects.values()) == pytest.approx(found.after - found.before, rel=1e-9)
    assert found.effects["people_number"] > 0
    assert found.effects["people_age"] > 0


def test_effects_are_those_of_separate_runs(midt, demography, pieces):
    """Every set of the assumptions as a run of its own, shared out by the rule of Das Gupta."""
    where = {"service_area": "SOM"}
    services = [s for s in midt.services if midt.service_area_of[s] == "SOM"]
    values = {}
    for size in range(4):
        for names in itertools.combinations(pieces, size):
            one = central(midt, with_pieces(demography, pieces, names))
            values[names] = float(one["bed_days"].sel(service=services, year=2040).sum())
    expected = das_gupta(
        dict.fromkeys(pieces, False),
        dict.fromkeys(pieces, True),
        lambda state: values[tuple(name for name in pieces if state[name])],
    )
    plain, full = (
        run(midt, with_pieces(demography, pieces, names), draws=2) for names in ((), tuple(pieces))
    )
    found = plain.explain(full, "bed_days", where=where)
    assert found.effects == pytest.approx(expected, rel=1e-9)
    assert found.before == pytest.approx(values[()], rel=1e-12)


def test_an_assumption_that_only_changes_its_size_is_one_cause(midt, demography, pieces):
    first = run(midt, with_pieces(demography, pieces, tuple(pieces)), draws=2)
    second = run(midt, first.scenario.replace("older", effect=0.05), draws=2)
    found = first.explain(second, "stays")
    assert list(found.effects) == ["older"]
    assert found.effects["older"] == pytest.approx(found.after - found.before, rel=1e-9)
    assert found.effects["older"] < 0
    assert first.explain(first, "stays").effects == {}


def test_the_order_of_the_first_outlook_is_kept(midt, demography, assume):
    """A shift moves what the factors before it made: an explanation starts at the very number of the first outlook."""
    shift = assume(
        "moved",
        kind="shift",
        target={"service_area": "SOM"},
        from_level="inpatient",
        to_level="day",
        conversion=1.0,
        effect=0.3,
    )
    grow = assume("grown", group="practice", target={"service_area": "SOM", "level": "day"}, effect=0.5)
    first = run(midt, demography.with_assumption(shift).with_assumption(grow), draws=2)
    second = run(midt, demography.with_assumption(grow), draws=2)
    for one, two in ((first, second), (second, first)):
        found = one.explain(two, "day_treatments")
        assert found.before == pytest.approx(
            one.central_value("day_treatments", ("year",)).sel(year=2040).item(), rel=1e-9
        )
        assert found.after == pytest.approx(
            two.central_value("day_treatments", ("year",)).sel(year=2040).item(), rel=1e-9
        )


def test_population_assumptions_are_explained(midt, demography, assume):
    """Fewer moves in: the people, and what follows from them, by their own names."""
    fewer = assume("fewer_moves", kind="population", target={"parameter": "net_migration"}, effect=-0.5)
    more = assume("more_children", kind="population", target={"parameter": "fertility"}, effect=0.1)
    first = run(midt, demography, draws=2)
    second = run(midt, demography.with_assumption(fewer).with_assumption(more), draws=2)
    for name in ("population", "bed_days"):
        found = first.explain(second, name)
        assert found.before == pytest.approx(
            first.central_value(name, ("year",)).sel(year=2040).item(), rel=1e-9
        )
        assert found.after == pytest.approx(
            second.central_value(name, ("year",)).sel(year=2040).item(), rel=1e-9
        )
        assert sum(found.effects.values()) == pytest.approx(found.after - found.before, rel=1e-9)
        assert found.effects["fewer_moves"] < 0 < found.effects["more_children"]


def test_outlooks_that_cannot_be_compared(midt, demography, people_run):
    other_place = run(Region.load("midt-norge", bindal=False), demography, draws=2, until=2026)
    other_control = run(midt, demography, draws=2, until=2026, control="trust")
    for ask in (
        lambda: framsyn.compare(people_run, other_place),
        lambda: people_run.explain(other_place),
        lambda: people_run.explain(other_control),
    ):
        with pytest.raises(PlanError, match="differ in") as caught:
            ask()
        assert caught.value.code == "outlooks-not-comparable"


def test_money_is_not_explained_over_time(plan_run):
    with pytest.raises(PlanError, match="compare two outlooks"):
        explain_change(plan_run, "result")


# ---------------------------------------------------------------- compare
def test_difference_is_taken_within_each_draw(people_run, plan_run):
    table = framsyn.compare(people_run, plan_run, years=[2030, 2040], names=["bed_days", "liquidity"])
    assert len(table) == 2 * 4 + 2
    row = table[(table["quantity"] == "bed_days") & (table["part"] == "SOM") & (table["year"] == 2040)].iloc[
        0
    ]
    where = {"service_area": "SOM"}
    one, two = (o.draws("bed_days", ("year",), where).sel(year=2040).values for o in (people_run, plan_run))
    assert row[["p10", "difference", "p90"]].tolist() == pytest.approx(
        np.quantile(two - one, (0.1, 0.5, 0.9)).tolist()
    )
    assert row["first"] == pytest.approx(np.median(one)) and row["second"] == pytest.approx(np.median(two))
    apart = np.quantile(two, 0.9) - np.quantile(one, 0.1) - (np.quantile(two, 0.1) - np.quantile(one, 0.9))
    assert row["p90"] - row["p10"] < apart


def test_an_outlook_does_not_differ_from_itself(plan_run):
    table = framsyn.compare(plan_run, plan_run)
    assert (table[["difference", "p10", "p90"]] == 0).all().all()


def test_runs_of_other_seeds_are_not_paired(midt, demography):
    first, second = (run(midt, demography, draws=6, until=2027, seed=seed) for seed in (1, 2))
    table = framsyn.compare(first, second, names=["bed_days"])
    assert table[["p10", "p90"]].isna().all().all()
    row = table[table["part"] == "SOM"].iloc[0]
    assert row["difference"] == pytest.approx(row["second"] - row["first"])


# ---------------------------------------------------------------- drivers
def test_the_one_uncertain_assumption_drives_the_result(midt, demography, assume):
    scenario = demography.with_assumption(
        assume("wide", target={"service_area": "SOM"}, effect={"kind": "uniform", "low": -0.5, "high": 0.5})
    ).with_assumption(
        assume(
            "narrow", target={"service_area": "SOM"}, effect={"kind": "uniform", "low": -0.01, "high": 0.01}
        )
    )
    scenario = scenario.with_assumption(
        assume(
            "elsewhere", target={"service_area": "PHV"}, effect={"kind": "uniform", "low": -0.5, "high": 0.5}
        )
    )
    told = []
    table = rank_drivers(
        run(midt, scenario, draws=2),
        "bed_days",
        where={"service_area": "SOM"},
        n=64,
        progress=lambda done, total: told.append((done, total)),
    )
    assert table["input"].tolist()[0] == "wide"
    assert table["total"].is_monotonic_decreasing
    by = table.set_index("input")
    assert by.loc["wide", "total"] == pytest.approx(1, abs=0.1)
    assert "elsewhere" not in by.index or by.loc["elsewhere", "total"] == pytest.approx(0, abs=1e-9)
    assert by.loc["narrow", "total"] < 0.01
    assert 0.7 < table["first"].sum() < 1.2
    assert told[-1][0] == told[-1][1]
    assert (table.loc[table["input"] != "people", "part"] == "effect").all()


def test_without_assumptions_people_are_all_there_is(people_run):
    table = rank_drivers(people_run, "stays", where={"service_area": "SOM"}, n=32)
    assert table["input"].tolist() == ["people"]
    assert table["total"].iloc[0] == table["first"].iloc[0] == 1


def test_drivers_of_money_are_refused(plan_run):
    with pytest.raises(PlanError) as caught:
        rank_drivers(plan_run, "liquidity")
    assert caught.value.code == "not-ranked"


# ---------------------------------------------------------------- levers
@pytest.fixture(scope="module")
def uneven(tmp_path_factory, midt):
    """A made-up region like the shipped one in which the residents of the trusts do not use care alike."""
    folder = tmp_path_factory.mktemp("uneven") / "region"
    shutil.copytree(midt.folder, folder)
    path = folder / "tables" / "use_ratio.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    given = {("hmr", "SOM"): "1.1", ("hnt", "SOM"): "0.9", ("hnt", "PHV"): "1.2", ("sto", "PHV"): "0.8"}
    table["ratio"] = [given.get(key, "1") for key in zip(table["trust"], table["service_area"], strict=True)]
    table.to_csv(path, index=False, lineterminator="\n")
    return Region.load(folder)


MOVES = {
    "nothing": [],
    "factor": [
        {
            "target": {"service_area": "SOM"},
            "effect": {"kind": "triangular", "low": 0.0, "mode": 0.1, "high": 0.3},
        }
    ],
    "factor with ages": [
        {
            "group": "practice",
            "target": {"service": "som_09", "age": [67, 89]},
            "effect": 0.2,
            "realisation": {"kind": "uniform", "low": 0.2, "high": 1},
        }
    ],
    "shift": [
        {
            "kind": "shift",
            "target": {"service_area": "SOM", "age": [18, 66]},
            "from_level": "inpatient",
            "to_level": "day",
            "conversion": {"kind": "uniform", "low": 1, "high": 2},
            "effect": {"kind": "uniform", "low": 0.1, "high": 0.2},
            "length_ratio": 0.4,
        },
        {
            "kind": "shift",
            "target": {"service_area": "SOM"},
            "from_level": "day",
            "to_level": "outpatient",
            "conversion": 1.5,
            "effect": 0.1,
        },
    ],
    "healthier ageing": [
        {
            "kind": "age_shift",
            "target": {"service_area": "SOM", "age": [60, 105]},
            "effect": {"kind": "uniform", "low": 0.5, "high": 3},
        }
    ],
    "worse ageing": [
        {"kind": "age_shift", "target": {"service_area": "SOM", "age": [95, 105]}, "effect": -3}
    ],
    "levelling": [
        {
            "kind": "levelling",
            "target": {"service_area": ["SOM", "PHV"]},
            "effect": {"kind": "uniform", "low": 0.2, "high": 0.9},
        }
    ],
}


@pytest.mark.parametrize("measure", ["stays", "bed_days", "day_treatments", "outpatient_contacts"])
def test_levers_give_what_a_run_gives(midt, demography, plan, assume, measure):
    """Every lever in turn on one desk, and back again, to the last digits of the chain itself."""
    desk = Desk.open(midt, demography, draws=12, until=2033)
    where = {"service_area": "SOM"}
    for name in (
        "nothing",
        "factor",
        "shift",
        "healthier ageing",
        "plan",
        "worse ageing",
        "factor with ages",
        "factor",
    ):
        scenario = plan
        if name != "plan":
            scenario = demography
            for i, keys in enumerate(MOVES[name]):
                scenario = scenario.with_assumption(assume(f"lever_{i}", **keys))
        answer, outlook = desk.answer(scenario), run(midt, scenario, draws=12, until=2033)
        for by in (("year",), ("year", "trust")):
            np.testing.assert_allclose(
                answer.draws(measure, by, where).values,
                outlook.draws(measure, by, where).values,
                rtol=1e-9,
                err_msg=name,
            )


@pytest.mark.parametrize("area", ["SOM", "PHV"])
def test_levers_give_what_a_run_gives_where_use_is_uneven(uneven, demography, assume, area):
    desk = Desk.open(uneven, demography, draws=6, until=2030)
    where = {"service_area": area}
    for name in ("nothing", "levelling", "factor"):
        scenario = demography
        for i, keys in enumerate(MOVES[name]):
            scenario = scenario.with_assumption(assume(f"lever_{i}", **keys))
        outlook = run(uneven, scenario, draws=6, until=2030)
        np.testing.assert_allclose(
            desk.answer(scenario).draws("bed_days", where=where).values,
            outlook.draws("bed_days", where=where).values,
            rtol=1e-9,
            err_msg=name,
        )


# ---------------------------------------------------------------- levelling
@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_levelling_closes_its_share_of_the_distance(midt, uneven, demography, assume, share):
    """u' = (1 − λ) · u_trust + λ · u_region, service area by service area."""
    even = central(midt, demography, 2040)
    levelled = demography.with_assumption(
        assume("closer", kind="levelling", target={"service_area": ["SOM"]}, effect=share)
    )
    found = central(uneven, levelled, 2040)
    ratios = {"SOM": {"hmr": 1.1, "hnt": 0.9, "sto": 1.0}, "PHV": {"hmr": 1.0, "hnt": 1.2, "sto": 0.8}}
    for year, progress in ((2025, 0.0), (2040, 1.0)):
        for area, by_trust in ratios.items():
            closed = share * progress if area == "SOM" else 0.0
            services = [s for s in midt.services if midt.service_area_of[s] == area]
            for trust, ratio in by_trust.items():
                place = {"trust": trust, "year": year}
                factor = (1 - closed) * ratio + closed
                for name in ("need", "stays", "bed_days", "outpatient_contacts"):
                    np.testing.assert_allclose(
                        found[name].sel(service=services, **place).values,
                        factor * even[name].sel(service=services, **place).values,
                        rtol=1e-9,
                        err_msg=f"{name} {area} {trust} {year}",
                    )
                patients = {"service_area": area, **place}
                assert float(found["patients"].sel(patients)) == pytest.approx(
                    factor * float(even["patients"].sel(patients)), rel=1e-9
                )
    check = {finding.table for finding in uneven.check() if finding.level == "warning"}
    assert "use_ratio" in check


# ---------------------------------------------------------------- places
def test_an_assumption_for_one_trust_follows_each_services_own_catchment(midt, demography, assume):
    """Selbu and Tydal belong to Nord-Trøndelag in mental health care and to St. Olavs in somatic care."""
    before = central(midt, demography, 2040).sel(year=2040)
    scenario = demography.with_assumption(
        assume("here", group="practice", target={"trust": "hnt"}, effect=0.5)
    )
    after = central(midt, scenario, 2040).sel(year=2040)
    for name in ("stays", "bed_days", "outpatient_contacts"):
        ratio = (after[name] / before[name]).transpose("service", "trust")
        for trust, expected in (("hmr", 1.0), ("hnt", 1.5), ("sto", 1.0)):
            found = ratio.sel(trust=trust).values
            np.testing.assert_allclose(
                found[np.isfinite(found)], expected, rtol=1e-12, err_msg=f"{name} {trust}"
            )


def test_an_assumption_for_one_municipality_moves_it_alone(midt, demography, assume):
    scenario = demography.with_assumption(
        assume("here", target={"service_area": "SOM", "area": ["5006"]}, effect=0.5)
    )
    chain = [
        run_chain(prepare_chain(midt, s, 2040), Draws.central())[1].isel(draw=0).sel(year=2040)
        for s in (demography, scenario)
    ]
    for name in ("need", "stays", "patients"):
        ratio = (chain[1][name] / chain[0][name]).sel(service_area="SOM")
        assert float(ratio.sel(area="5006")) == pytest.approx(1.5, rel=1e-12)
        others = [area for area in midt.areas if area != "5006"]
        np.testing.assert_allclose(ratio.sel(area=others).values, 1, rtol=1e-12)


def test_healthier_ageing_in_one_diagnosis_leaves_unique_patients_alone(midt, demography, assume):
    """Patients are counted once over all diagnoses, so only what speaks of the whole service area moves them."""

    def patients(**target):
        younger = assume("younger", kind="age_shift", target={"age": [60, 105], **target}, effect=2)
        return central(midt, demography.with_assumption(younger), 2040)["patients"].sel(year=2040)

    before = central(midt, demography, 2040)["patients"].sel(year=2040)
    for service in ("som_01", "som_09"):
        np.testing.assert_array_equal(patients(service=service).values, before.values)
    moved = patients(service_area="SOM")
    assert (moved.sel(service_area="SOM") < before.sel(service_area="SOM")).all()
    np.testing.assert_array_equal(moved.sel(service_area="PHV").values, before.sel(service_area="PHV").values)


def test_a_parameter_that_a_result_does_not_read_is_no_cause(midt, demography, assume):
    """Sick leave moves no bed; contacts by video are told under climate and still need fewer rooms."""
    sick = assume(
        "sick",
        kind="parameter",
        group="workforce",
        mode="absolute",
        target={"parameter": "sick_leave"},
        effect=0.02,
    )
    video = assume(
        "video",
        kind="parameter",
        group="climate",
        mode="absolute",
        target={"parameter": "remote_share"},
        effect=0.1,
    )
    first = run(midt, demography, draws=2, until=2030)
    second = run(midt, demography.with_assumption(sick).with_assumption(video), draws=2, until=2030)
    rooms = first.explain(second, "outpatient_rooms")
    assert list(rooms.effects) == ["video"]
    assert rooms.effects["video"] < 0
    assert rooms.after == pytest.approx(
        second.central_value("outpatient_rooms", ("year",)).sel(year=2030).item(), rel=1e-9
    )
    assert first.explain(second, "beds").effects == {}
    assert list(first.explain(second, "staff_available").effects) == ["sick"]
