"""The table of people in Helse Midt-Norge's development plan, what demography alone does, and the hindcast.

Sources: Helse Midt-Norge RHF, regional development plan (people by trust in 2025 and 2040, share of 65 and over; growth of
need in somatic care and mental health care); Statistics Norway, table 07459 (count of 2025) and table 14288 (projection by
county). The limits are those of the methods paper, sections 1 and 2: a hand calculation from the same data, and the plan.
"""

from __future__ import annotations

import numpy as np
import pytest

from framsyn.outlook.run import prepare_chain, run_chain
from framsyn.region import Region
from framsyn.region.arrays import area_county
from framsyn.stages.draws import Draws
from framsyn.stages.population import control_factors, prepare_population, project_population

PLAN_2025 = {"hmr": 272_413, "hnt": 138_556, "sto": 349_633}
PLAN_2040 = {"hmr": 278_653, "hnt": 139_469, "sto": 380_580}
SHARE_65_2040 = {"hmr": 26, "hnt": 28, "sto": 22}  # per cent, rounded in the plan


def central(region, scenario, until=2040, control="none"):
    """Run the central draw alone; returns trusts and municipalities without the draw axis."""
    found = run_chain(prepare_chain(region, scenario, until, control=control), Draws.central())
    return tuple(part.isel(draw=0, drop=True) for part in found)


def people(run, year):
    found = run["population"].sel(year=year).sum(("sex", "age"))
    return dict(zip(found["trust"].values.tolist(), found.values.tolist(), strict=True))


@pytest.fixture(scope="module")
def alone(midt, demography):
    """Demography alone, central run, no control, with Bindal."""
    return central(midt, demography)[0]


@pytest.fixture(scope="module")
def planned(midt, plan):
    return central(midt, plan)[0]


# ---------------------------------------------------------------- people in 2025
def test_people_of_2025_are_the_count(alone):
    assert people(alone, 2025) == PLAN_2025
    assert sum(people(alone, 2025).values()) == 760_602


def test_people_of_2025_are_the_count_in_every_draw(people_run):
    counted = people_run.draws("population").sel(year=2025)
    assert (counted.values == [PLAN_2025[trust] for trust in counted["trust"].values]).all()


@pytest.mark.parametrize("control", ["none", "trust", "county"])
def test_people_of_2025_without_bindal(demography, control):
    run = central(Region.load("midt-norge", bindal=False), demography, until=2026, control=control)[0]
    assert people(run, 2025) == pytest.approx({**PLAN_2025, "hnt": 137_182}, rel=1e-12)
    assert sum(people(run, 2025).values()) == pytest.approx(759_228, rel=1e-12)


# ---------------------------------------------------------------- control
@pytest.mark.parametrize("until", [2040, 2045])
def test_control_by_trust_meets_the_plan_in_2040(midt, demography, until):
    run = central(midt, demography, until, "trust")[0]
    assert people(run, 2025) == pytest.approx(PLAN_2025, rel=1e-12)
    assert people(run, 2040) == pytest.approx(PLAN_2040, rel=1e-6)


def test_control_by_trust_is_interpolated_up_to_2040_and_held_after(midt):
    long = control_factors(midt, "trust", 2045)
    assert long.sizes["year"] == 21
    assert (long.sel(year=2025) == 1).all()
    for year in (2030, 2035):
        share = (year - 2025) / 15
        np.testing.assert_allclose(long.sel(year=year), 1 + share * (long.sel(year=2040) - 1), rtol=1e-12)
    for year in range(2041, 2046):
        assert (long.sel(year=year) == long.sel(year=2040)).all()
    short = control_factors(midt, "trust", 2035)
    assert short["year"].values[-1] == 2035
    np.testing.assert_array_equal(short.values, long.sel(year=slice(2025, 2035)).values)


def test_control_by_trust_is_one_factor_per_trust_and_moves_people_by_it(midt, demography):
    factor = control_factors(midt, "trust", 2035)
    free, held = (central(midt, demography, 2035, control)[1]["population"] for control in ("none", "trust"))
    np.testing.assert_allclose(held.values, free.values * factor.values, rtol=1e-12)
    for i in range(len(midt.trusts)):
        members = factor.values[:, midt.area_trust("SOM") == i]
        assert (members == members[:, :1]).all()


def test_control_without_bindal_leaves_bindal_out_of_the_plans_total(midt, demography):
    """The plan counts Bindal to Nord-Trøndelag, so its factor is found with Bindal and used without."""
    without = Region.load("midt-norge", bindal=False)
    factor = control_factors(without, "trust", 2040)
    np.testing.assert_array_equal(
        factor.values, control_factors(midt, "trust", 2040).sel(area=without.areas).values
    )
    areas = central(midt, demography, 2040, "trust")[1]["population"].sel(year=2040)
    hnt = central(without, demography, 2040, "trust")[0]
    # The part that each age takes in a swing is weighed by all people, so Bindal's 1 374 move the others by a hair.
    assert people(hnt, 2040)["hnt"] == pytest.approx(
        PLAN_2040["hnt"] - float(areas.sel(area="1811")), rel=1e-5
    )


@pytest.mark.parametrize("until", [2035, 2045])
def test_control_by_county_has_the_growth_of_statistics_norway(midt, demography, until):
    areas = central(midt, demography, until, "county")[1]["population"]
    table = midt.controls("county")
    county = area_county(midt)
    checked = set()
    for place, rows in table.groupby("place"):
        wanted = dict(zip(rows["year"], rows["persons"], strict=True))
        member = county == place
        if not member.any():
            continue
        checked.add(place)
        for year in (y for y in wanted if 2025 <= y <= until):
            ours = areas.sel(year=[2025, year]).values[:, member].sum(axis=1)
            assert ours[1] / ours[0] == pytest.approx(wanted[year] / wanted[2025], rel=1e-9), (place, year)
    assert checked == {"15", "50"}


def test_control_factors_are_reported_with_the_run(midt, demography):
    from framsyn.outlook.run import run

    outlook = run(midt, demography, draws=4, until=2027, control="trust")
    assert outlook.manifest["control"] == "trust"
    np.testing.assert_array_equal(outlook.control_factors.values, control_factors(midt, "trust", 2027).values)
    # Every draw carries the factor, so the adjustment is the controlled people less the people behind them.
    people, added = (outlook.draws(name) for name in ("population", "control_adjustment"))
    factor = np.stack(
        [outlook.control_factors.values[:, midt.area_trust("SOM") == i][:, 0] for i in range(3)], axis=1
    )
    np.testing.assert_allclose((people - added).values * factor, people.values, rtol=1e-12)


# ---------------------------------------------------------------- people in 2040 without control
def test_people_of_2040_without_control_are_near_the_plan(alone):
    for trust, ours in people(alone, 2040).items():
        assert ours == pytest.approx(PLAN_2040[trust], rel=0.06), trust


def test_share_of_65_and_over_without_control_is_near_the_plan(alone):
    old = alone["population_65_plus"].sel(year=2040)
    for trust, total in people(alone, 2040).items():
        share = 100 * float(old.sel(trust=trust)) / total
        assert abs(share - SHARE_65_2040[trust]) <= 1.5, (trust, share)


def test_old_people_are_those_of_the_ages(alone):
    for name, first in (("population_65_plus", 65), ("population_80_plus", 80)):
        by_age = alone["population"].sel(age=slice(first, None)).sum(("sex", "age"))
        np.testing.assert_allclose(alone[name].values, by_age.values, rtol=1e-12)


# ---------------------------------------------------------------- use under demography alone
@pytest.mark.parametrize(
    ("name", "where", "low", "high"),
    [
        ("bed_days", {"service_area": "SOM"}, 19, 23),
        ("stays", {"service_area": "SOM"}, 16, 21),
        ("patients", {"service_area": "SOM"}, 10, 13),
        ("outpatient_contacts", {"service_area": "PHV"}, 4, 9),
    ],
)
def test_demography_alone(people_run, name, where, low, high):
    series = people_run.central_value(name, ("year",), where)
    change = 100 * (float(series.sel(year=2040) / series.sel(year=2025)) - 1)
    assert low <= change <= high, change
    middle = people_run.quantiles(name, 0.5, ("year",), where).isel(quantile=0)
    assert low <= 100 * (float(middle.sel(year=2040) / middle.sel(year=2025)) - 1) <= high


def test_demography_alone_moves_need_as_it_moves_use(alone):
    """Without factors need is use weighed by cost: its growth lies between the least and the most growing measure."""
    growth = {}
    for name in ("need", "bed_days", "day_treatments", "outpatient_contacts"):
        som = alone[name].sel(service=[s for s in alone["service"].values if s.startswith("som")])
        total = som.sum([dim for dim in som.dims if dim != "year"])
        growth[name] = float(total.sel(year=2040) / total.sel(year=2025))
    need = growth.pop("need")
    assert min(growth.values()) < need < max(growth.values())


# ---------------------------------------------------------------- need of the plan
@pytest.mark.parametrize(("areas", "published"), [(("SOM",), 13.0), (("PHV", "PHBU"), 10.0)])
def test_need_of_the_plan_is_the_published_one(midt, planned, plan, areas, published):
    services = [s for s in midt.services if midt.service_area_of[s] in areas]
    need = planned["need"].sel(service=services).sum(("service", "level", "trust"))
    change = 100 * (float(need.sel(year=2040) / need.sel(year=2025)) - 1)
    assert change == pytest.approx(published, abs=0.1)
    figure = next(f for f in plan.headline.figure if tuple(f.service_area) == areas)
    assert figure.published == published


# ---------------------------------------------------------------- hindcast
@pytest.fixture(scope="module")
def back(midt):
    from framsyn.analyses.hindcast import hindcast

    return hindcast(midt, draws=200)


def test_hindcast_covers_what_an_honest_interval_covers(back):
    assert 0.70 <= back.scores["coverage"] <= 0.92
    assert back.scores["coverage"] == pytest.approx(back.areas["covered"].mean())


def test_hindcast_beats_the_naive_forecast(back):
    assert back.scores["interval_score"] < back.scores["naive_interval_score"]
    assert back.scores["relative_score"] < back.scores["naive_relative_score"]
    assert back.scores["crps"] < back.scores["naive_crps"]


def test_hindcast_uses_nothing_later_than_2015(midt):
    """The fit of 2015 stays the same when later years of the region's tables say something else."""
    before = prepare_population(midt, 2015, "2005-2015")
    changed = midt.with_switches(**midt.switches)
    frames = dict(midt.frames)
    frames["life_tables"] = frames["life_tables"].assign(
        qx=lambda t: t["qx"].where(t["year"] < 2015, t["qx"] * 0.5)
    )
    frames["fertility_total"] = frames["fertility_total"].assign(
        rate=lambda t: t["rate"].where(t["year"] < 2015, t["rate"] * 2)
    )
    frames["migration_national"] = frames["migration_national"].assign(
        rate=lambda t: t["rate"].where(t["year"] < 2015, t["rate"] * 2)
    )
    changed.frames = frames
    after = prepare_population(changed, 2015, "2005-2015")
    for name in (
        "log_mortality",
        "mortality_slope",
        "mortality_drift",
        "migration",
        "fertility_level",
        "base",
    ):
        np.testing.assert_array_equal(getattr(before, name), getattr(after, name))
    assert before.fertility == after.fertility
    assert before.national == after.national
    # The same changes do move a projection from 2025, so that the test would see them.
    now, later = prepare_population(midt), prepare_population(changed)
    assert now.national != later.national
    assert now.fertility != later.fertility
    assert not np.array_equal(now.log_mortality, later.log_mortality)


def test_hindcast_names_the_municipalities_that_it_misses(back, midt):
    missed = back.missed
    outside = (back.areas["actual"] < back.areas["p10"]) | (back.areas["actual"] > back.areas["p90"])
    assert set(missed["area"]) == set(back.areas.loc[outside, "area"])
    for area, name in zip(missed["area"], missed["name"], strict=True):
        assert name == " + ".join(midt.label_of("area", code, "nb") for code in area.split("+"))
    assert (missed["beyond"] > 0).all()
    assert missed["beyond"].is_monotonic_decreasing
    assert len(missed) == round((1 - back.scores["coverage"]) * len(back.areas))


def test_hindcast_counts_are_those_of_the_tables(back, midt):
    """Ålesund and Haram were one municipality in the years behind the rates, so they are scored as one."""
    for column, year in (("actual", 2025), ("count_2015", 2015)):
        counted = midt.population(year).sum(("sex", "age"))
        for area, ours in zip(back.areas["area"], back.areas[column], strict=True):
            assert ours == counted.sel(area=area.split("+")).sum().item(), (area, year)
    scored = [code for area in back.areas["area"] for code in area.split("+")]
    assert sorted(scored) == midt.areas
    assert back.totals.set_index("place").loc["region", "actual"] == 760_602


def test_hindcast_starts_where_the_count_was(midt):
    inputs = prepare_population(midt, 2015, "2005-2015")
    found = project_population(inputs, None, Draws.range(1, 0, 3), 2016, areas=midt.areas)
    np.testing.assert_array_equal(
        found["population"].sel(year=2015).values,
        np.broadcast_to(midt.population(2015).values, (3, 66, 2, 106)),
    )


def test_strategy_of_2016_is_held_against_what_came(back):
    """Methods paper, section 12: 709 166 said; 710 704 on 1 January 2015 in today's borders, 716 256 a year later."""
    rows = back.strategy[back.strategy["figure"].str.startswith("population_2015")]
    assert rows["said"].tolist() == [709_166]
    assert "710 704" in rows["note"].iloc[0] and "716 256" in rows["note"].iloc[0]
    # With Bindal; without it the count of 1 January 2016 is the 716 256 of the note.
    assert 716_256 < rows["came"].iloc[0] < 716_256 + 1_600
    growth = back.strategy.set_index("figure").loc["population_growth"]
    assert growth["said"] == 93_000
    assert growth["came"] == 760_602 - rows["came"].iloc[0]
