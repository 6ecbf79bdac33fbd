"""People, activity and money are conserved through the chain; places add up; more need never takes less."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from framsyn.methods import queueing
from framsyn.outlook.run import prepare_chain, run_chain
from framsyn.region import arrays
from framsyn.scenario import Scenario
from framsyn.stages.capacity import pooled_beds, project_capacity
from framsyn.stages.draws import Draws
from framsyn.stages.flows import place_activity
from framsyn.stages.population import control_factors, prepare_population, project_population
from framsyn.stages.workforce import project_workforce

MEASURES = ("stays", "bed_days", "day_treatments", "outpatient_contacts")
AREAS = ("SOM", "PHV", "PHBU", "TSB")


def central(region, scenario, until=2040):
    return run_chain(prepare_chain(region, scenario, until), Draws.central())


def values(data, *dims):
    return data.transpose(*dims).values


# ---------------------------------------------------------------- people
@pytest.mark.parametrize("control", ["none", "trust", "county"])
@pytest.mark.parametrize("draws", [Draws.central(), Draws.range(1, 0, 4)], ids=["central", "draws"])
def test_people_are_conserved_in_every_area_and_draw(midt, control, draws):
    """Next year = this year + births − deaths + net migration, control adjustments set apart."""
    found = project_population(
        prepare_population(midt), None, draws, 2040, control_factors(midt, control, 2040), midt.areas
    )
    people = found["population"].sum(("sex", "age")) - found["control_adjustment"]
    change = found["births"] - found["deaths"] + found["net_migration"]
    np.testing.assert_allclose(people.values[:, 1:], (people + change).values[:, :-1], rtol=1e-12)
    assert (found["control_adjustment"] == 0).all() == (control == "none")


def test_people_are_conserved_by_trust(people_run):
    people = people_run.draws("population")
    change = people_run.draws("births") - people_run.draws("deaths") + people_run.draws("net_migration")
    np.testing.assert_allclose(people.values[:, 1:], (people + change).values[:, :-1], rtol=1e-12)


def test_population_assumptions_move_people_and_nothing_is_lost(midt, demography, assume):
    grown = demography
    for parameter, effect in (("fertility", 0.1), ("net_migration", -0.5), ("mortality_improvement", 0.5)):
        grown = grown.with_assumption(
            assume(parameter, kind="population", target={"parameter": parameter}, effect=effect)
        )
    before, after = central(midt, demography)[0], central(midt, grown)[0]
    people = after["population"].sum(("sex", "age"))
    change = after["births"] - after["deaths"] + after["net_migration"]
    np.testing.assert_allclose(people.values[:, 1:], (people + change).values[:, :-1], rtol=1e-12)
    assert (after["births"].sel(year=2039) > before["births"].sel(year=2039) * 0.95).all()
    assert (after["deaths"].sel(year=2030) < before["deaths"].sel(year=2030)).all()
    assert (after["population"].sel(year=2025) == before["population"].sel(year=2025)).all()


# ---------------------------------------------------------------- places add up
@pytest.mark.parametrize("which", ["people_chain", "plan_chain"])
def test_municipalities_add_up_to_trusts_in_every_draw(which, request, midt):
    trusts, areas = request.getfixturevalue(which)
    service_areas = np.array([midt.service_area_of[s] for s in midt.services])
    for name in ("population", "population_65_plus", "population_80_plus"):
        by_trust = trusts[name].sum(("sex", "age")) if name == "population" else trusts[name]
        local = values(areas[name], "draw", "year", "area")
        for i, trust in enumerate(midt.trusts):
            total = local[:, :, midt.area_trust("SOM") == i].sum(axis=2)
            np.testing.assert_allclose(values(by_trust.sel(trust=trust), "draw", "year"), total, rtol=1e-12)
    for service_area in AREAS:
        member = midt.area_trust(service_area)
        services = np.array(midt.services)[service_areas == service_area]
        for name in ("need", *MEASURES, "patients"):
            if name == "patients":
                by_trust = trusts[name].sel(service_area=service_area)
            else:
                by_trust = trusts[name].sel(service=services)
                by_trust = by_trust.sum([d for d in ("service", "level") if d in by_trust.dims])
            local = values(areas[name].sel(service_area=service_area), "draw", "year", "area")
            for i, trust in enumerate(midt.trusts):
                total = local[:, :, member == i].sum(axis=2)
                np.testing.assert_allclose(
                    values(by_trust.sel(trust=trust), "draw", "year"),
                    total,
                    rtol=1e-10,
                    atol=1e-9,
                    err_msg=f"{name} {service_area} {trust}",
                )


def test_municipalities_add_up_in_the_central_run(plan_run, midt):
    for service_area in AREAS:
        where = {"service_area": service_area}
        for name in ("need", *MEASURES, "patients"):
            by_trust = plan_run.central_value(name, ("year", "trust"), where).values
            local = plan_run.central_value(name, ("year", "area"), where).values
            for i in range(len(midt.trusts)):
                np.testing.assert_allclose(
                    by_trust[:, i],
                    local[:, midt.area_trust(service_area) == i].sum(axis=1),
                    rtol=1e-10,
                    atol=1e-9,
                )


def test_no_municipality_uses_less_than_nothing(plan_chain):
    _, areas = plan_chain
    for name, data in areas.data_vars.items():
        assert np.isfinite(data.values).all(), name
        assert float(data.min()) >= 0, name


def test_chance_in_a_municipality_is_that_of_a_count(midt, demography):
    """With the people held still, the variance of stays is φ times the mean, that of bed days twice their length as much.

    What a municipality shares with its trust makes the variance a little smaller: a share p of the trust has φ m (1 − p) of
    its own and φ m p of the trust's.
    """
    chain = prepare_chain(midt, demography, 2026)
    draws = Draws.range(3, 0, 400)
    from framsyn.stages.activity import project_activity

    people = project_population(chain.people, None, Draws.central(), 2026, None, midt.areas)
    people = people.isel(draw=np.zeros(len(draws), int)).assign_coords(draw=draws.index)
    _, areas = project_activity(people[["population"]], midt, demography, draws, chain.use)
    phi = midt.parameter("overdispersion", level="inpatient")
    stays = areas["stays"].sel(year=2026, service_area="SOM")
    large = stays.mean("draw") > 300
    ratio = (stays.var("draw") / stays.mean("draw")).values[large.values] / phi
    assert abs(ratio.mean() - 1) < 0.08
    days = areas["bed_days"].sel(year=2026, service_area="SOM")
    ratio_days = (days.var("draw") / days.mean("draw")).values[large.values] / phi
    length = float(days.mean("draw").sum() / stays.mean("draw").sum())
    assert 1.5 * length < ratio_days.mean() < 3.5 * length
    base = areas.sel(year=2025)
    assert all((base[name] == base[name].isel(draw=0)).all() for name in base.data_vars)


# ---------------------------------------------------------------- activity
@given(
    st.lists(st.floats(0, 1e6), min_size=3, max_size=3),
    st.lists(st.lists(st.floats(0.01, 1), min_size=5, max_size=5), min_size=3, max_size=3),
)
def test_placing_loses_nobody(by_residence, weights):
    flows = np.array(weights)
    flows = flows / flows.sum(axis=1, keepdims=True)
    placed = place_activity(np.array(by_residence), flows)
    assert placed.sum() == pytest.approx(sum(by_residence), rel=1e-12, abs=1e-9)
    assert (placed >= 0).all()


def test_the_regions_flows_lose_nobody(midt, plan_chain):
    trusts, _ = plan_chain
    for area in AREAS:
        services = [s for s in midt.services if midt.service_area_of[s] == area]
        home = values(trusts["stays"].sel(service=services).sum("service"), "draw", "year", "trust")
        np.testing.assert_allclose(
            place_activity(home, midt.flows(area).values).sum(axis=2), home.sum(axis=2), rtol=1e-12
        )


def test_treated_activity_starts_at_the_trusts_own_count(midt, plan_chain):
    trusts, _ = plan_chain
    counted = arrays.trust_count(midt)
    for name in MEASURES:
        start = values(trusts[f"treated_{name}"].sel(year=2025), "draw", "service_area", "trust")
        expected = values(counted.sel(measure=name, service_area=list(AREAS)), "service_area", "trust")
        np.testing.assert_allclose(start, np.broadcast_to(expected, start.shape), rtol=1e-12)


@pytest.mark.parametrize(
    ("from_level", "to_level", "given_up", "received"),
    [
        ("inpatient", "day", "stays", "day_treatments"),
        ("inpatient", "outpatient", "stays", "outpatient_contacts"),
        ("day", "outpatient", "day_treatments", "outpatient_contacts"),
        ("outpatient", "day", "outpatient_contacts", "day_treatments"),
    ],
)
@pytest.mark.parametrize("conversion", [1.0, 2.5])
def test_a_shift_moves_and_never_loses(
    midt, demography, assume, from_level, to_level, given_up, received, conversion
):
    ratio = 0.4 if from_level == "inpatient" else 1.0
    shift = assume(
        "moved",
        kind="shift",
        target={"service_area": "SOM", "age": [40, 80]},
        from_level=from_level,
        to_level=to_level,
        conversion=conversion,
        effect=0.3,
        **({"length_ratio": ratio} if ratio != 1 else {}),
    )
    before, areas_before = central(midt, demography)
    after, areas_after = central(midt, demography.with_assumption(shift))
    for old, new, dim in ((before, after, "service"), (areas_before, areas_after, "service_area")):
        left = (old[given_up] - new[given_up]).isel(draw=0)
        came = (new[received] - old[received]).isel(draw=0)
        assert float(left.sel(year=2040).max()) > 0
        np.testing.assert_allclose(came.values, conversion * left.values, rtol=1e-9, atol=1e-6)
        if given_up == "stays":
            days = (old["bed_days"] - new["bed_days"]).isel(draw=0)
            assert float(days.sum()) > 0
        else:
            np.testing.assert_array_equal(old["bed_days"].values, new["bed_days"].values)
        for name in set(MEASURES) - {given_up, received, "bed_days"}:
            np.testing.assert_array_equal(old[name].values, new[name].values)
        np.testing.assert_array_equal(old["need"].values, new["need"].values)
        assert dim in left.dims
    if conversion == 1:
        counted = [sum(run[name].sum() for name in MEASURES if name != "bed_days") for run in (before, after)]
        assert float(counted[0]) == pytest.approx(float(counted[1]), rel=1e-12)


def test_a_shift_of_all_ages_takes_bed_days_by_the_length_of_what_moves(midt, demography, assume):
    shift = assume(
        "moved",
        kind="shift",
        target={"service_area": "SOM"},
        from_level="inpatient",
        to_level="day",
        conversion=1.0,
        effect=0.25,
        length_ratio=0.4,
    )
    before, after = (
        central(midt, s)[0].sel(year=2040) for s in (demography, demography.with_assumption(shift))
    )
    services = [s for s in midt.services if midt.service_area_of[s] == "SOM"]
    for name, kept in (("stays", 0.75), ("bed_days", 0.9)):
        np.testing.assert_allclose(
            after[name].sel(service=services).values,
            kept * before[name].sel(service=services).values,
            rtol=1e-12,
        )


def test_a_factor_multiplies_what_it_names_and_need_only_as_need(midt, demography, assume):
    target = {"service": "som_09", "level": "inpatient", "trust": "hnt"}
    before = central(midt, demography)[0].isel(draw=0).sel(year=2040)
    for group in ("need", "practice"):
        after = central(
            midt, demography.with_assumption(assume("more", group=group, target=target, effect=0.2))
        )[0]
        after = after.isel(draw=0).sel(year=2040)
        place = {"service": "som_09", "trust": "hnt"}
        for name in ("stays", "bed_days"):
            assert float(after[name].sel(place)) == pytest.approx(
                1.2 * float(before[name].sel(place)), rel=1e-12
            )
        need = {**place, "level": "inpatient"}
        grown = 1.2 if group == "need" else 1.0
        assert float(after["need"].sel(need)) == pytest.approx(
            grown * float(before["need"].sel(need)), rel=1e-12
        )


# ---------------------------------------------------------------- money
@pytest.mark.parametrize("which", ["people_run", "plan_run"])
def test_money_adds_up(which, request, midt):
    outlook = request.getfixturevalue(which)
    for data in (outlook.trusts, outlook.central):
        m = {name: data[name].values for name in data.data_vars if data[name].dims[-1:] == ("year",)}
        assert m["result"].shape[-1] == 16
        np.testing.assert_allclose(
            m["result"], m["operating_gain"] - m["depreciation"] - m["interest"], rtol=1e-9, atol=1e-6
        )
        income = m["income_block_grant"] + m["income_activity"] + m["income_other"]
        cost = sum(m[f"cost_{part}"] for part in ("staff", "drugs", "goods", "outsourced", "buildings"))
        # What is left is the gain that a scenario says will be realised: a share of the base year's pay.
        realised = m["operating_gain"] - (income - cost)
        share = realised / m["cost_staff"][..., :1]
        np.testing.assert_allclose(share, np.broadcast_to(share[..., :1], share.shape), atol=0.2)
        own = 1 - midt.parameter("loan_share")
        flow = m["operating_gain"] - m["interest"] - m["instalments"] - own * m["investment"]
        np.testing.assert_allclose(np.diff(m["liquidity"], axis=-1), flow[..., 1:], rtol=1e-9, atol=1e-6)
        np.testing.assert_allclose(
            m["liquidity"][..., 0], midt.parameter("liquidity_start") + flow[..., 0], rtol=1e-9
        )
        loans = midt.parameter("loan_share") * m["investment"]
        np.testing.assert_allclose(
            np.diff(m["debt"], axis=-1), (loans - m["instalments"])[..., 1:], rtol=1e-9, atol=1e-6
        )
        start = midt.parameter("debt_start")
        np.testing.assert_allclose(
            m["debt"][..., 0], start + loans[..., 0] - m["instalments"][..., 0], rtol=1e-9
        )
        np.testing.assert_allclose(m["interest"][..., 0], start * midt.parameter("loan_rate"), rtol=1e-9)
        np.testing.assert_allclose(
            m["gain_required"], m["interest"] + m["instalments"] - m["operating_gain"], rtol=1e-9, atol=1e-6
        )
        assert ((m["liquidity"] < midt.parameter("liquidity_floor")) == (m["liquidity_breach"] == 1)).all()


def test_the_base_years_accounts_close(people_run, midt):
    start = people_run.trusts.sel(year=2025)
    income = start["income_block_grant"] + start["income_activity"] + start["income_other"]
    np.testing.assert_allclose((start["result"] / income).values, midt.parameter("result_share"), rtol=1e-9)
    for name in ("result", "operating_gain", "cost_staff", "cost_buildings", "income_block_grant"):
        assert (start[name] == start[name].isel(draw=0)).all(), f"{name} of the base year is not one number"


def test_interest_follows_the_debt_of_the_year_before(people_run, midt):
    m = people_run.trusts
    np.testing.assert_allclose(
        m["interest"].values[:, 1:], m["debt"].values[:, :-1] * midt.parameter("loan_rate"), rtol=1e-9
    )


# ---------------------------------------------------------------- staff
def test_required_intake_closes_the_gap_when_it_is_used(midt, demography, assume):
    before = central(midt, demography, 2035)[0].isel(draw=0)
    scenario = demography
    for profession in before["profession"].values:
        wanted = before["staff_intake_required"].sel(year=2035, profession=profession)
        scenario = scenario.with_assumption(
            assume(
                f"intake_{profession}",
                kind="parameter",
                group="workforce",
                mode="absolute",
                unit="person/year",
                target={"parameter": "graduates_per_year", "profession": str(profession)},
                effect=float(wanted - before["staff_intake"].sel(year=2025, profession=profession)),
                profile={"kind": "step", "year": 2025},
            )
        )
    after = central(midt, scenario, 2035)[0].isel(draw=0)
    gap = after["staff_gap"].sel(year=2035).sum("trust")
    np.testing.assert_allclose(gap.values, 0, atol=1e-8 * float(after["staff_demand"].sel(year=2035).sum()))
    np.testing.assert_allclose(
        after["staff_intake"].sel(year=2030).values,
        before["staff_intake_required"].sel(year=2035).values,
        rtol=1e-9,
    )
    np.testing.assert_allclose(after["staff_demand"].values, before["staff_demand"].values, rtol=1e-12)


def test_heads_move_as_people_do(midt, demography):
    """Heads next year = heads who neither leave nor retire + entrants, with the ages of the region's parameters."""
    run = central(midt, demography, 2032)[0].isel(draw=0)
    ages = np.arange(20, 76)
    for profession in run["profession"].values:

        def value(name, profession=profession):
            return midt.parameter(name, profession=str(profession))

        retire, leave = value("retirement_age"), value("leave_rate")
        stock = np.where(
            ages < retire, np.exp(-0.5 * ((ages - value("staff_mean_age")) / value("staff_age_sd")) ** 2), 0
        )
        base = float(run["staff_supply"].sel(year=2025, profession=profession).sum()) / value(
            "position_share"
        )
        stock *= base / stock.sum()
        entry = np.abs(ages - value("graduate_age")) <= 3
        for year in range(2026, 2033):
            older = np.concatenate([[0.0], stock[:-1] * (1 - leave)]) * np.clip(retire - ages, 0, 1)
            stock = older + value("graduates_per_year") * entry / entry.sum()
            ours = float(run["staff_supply"].sel(year=year, profession=profession).sum()) / value(
                "position_share"
            )
            assert ours == pytest.approx(stock.sum(), rel=1e-10), (profession, year)


def test_gap_is_demand_less_supply_and_those_at_work_are_fewer(plan_run, midt):
    m = plan_run.trusts
    np.testing.assert_allclose(
        (m["staff_demand"] - m["staff_supply"]).values, m["staff_gap"].values, rtol=1e-9, atol=1e-9
    )
    share = (m["staff_available"] / m["staff_supply"]).sel(year=2025)
    away = midt.parameter("sick_leave") + midt.parameter("other_leave")
    np.testing.assert_allclose(share.values, 1 - away, rtol=0.02)
    start = values(m["staff_supply"].sel(year=2025).isel(draw=0), "profession", "trust")
    np.testing.assert_allclose(start, arrays.staff(midt, 2025).values, rtol=1e-12)
    np.testing.assert_allclose(m["staff_gap"].sel(year=2025).values, 0, atol=1e-8)


# ---------------------------------------------------------------- more never takes less
def treated(run):
    return run[[f"treated_{name}" for name in MEASURES]]


@settings(max_examples=20)
@given(st.floats(1.0, 2.0), st.sampled_from(["hmr", "hnt", "sto"]))
def test_more_activity_never_takes_less(midt, demography, plan_chain, size, trust):
    """Beds, rooms and staff rise or stay when one trust's activity rises after the base year."""
    before = treated(plan_chain[0]).isel(draw=slice(0, 2))
    grow = xr.ones_like(before["treated_stays"])
    grow.loc[{"trust": trust, "year": slice(2026, None)}] = size
    after = before * grow
    draws = Draws.range(1, 0, 2)
    for project in (project_capacity, project_workforce):
        old, new = (project(data, midt, demography, draws) for data in (before, after))
        for name in old.data_vars:
            if name in ("staff_gap", "bed_gap", "equipment_renewal"):
                continue
            assert (new[name].values >= old[name].values - 1e-9).all(), name
    old, new = (
        project_capacity(data, midt, demography, draws)["beds"].sel(year=2040, trust=trust)
        for data in (before, after)
    )
    np.testing.assert_allclose(new.values, size * old.values, rtol=1e-12)


@settings(max_examples=40)
@given(
    st.lists(st.floats(0.5, 400), min_size=2, max_size=6),
    st.sampled_from([8.0, 20.0, 28.0]),
    st.sampled_from([0.01, 0.02, 0.05]),
    st.sampled_from([0.7, 0.85, 0.9]),
)
def test_beds_by_service_level_keep_their_promise(loads, pool, target, occupancy):
    load = np.array(loads)[None, :, None]  # (draw, year, trust)
    beds = pooled_beds(load, pool, target, occupancy)[0, :, 0]
    pools = max(round(loads[0] / occupancy / pool), 1.0)
    for carried, found in zip(loads, beds, strict=True):
        each = found / pools
        assert each == round(each)
        assert queueing.erlang_b(carried / pools, int(each)) <= target
        assert each == 0 or queueing.erlang_b(carried / pools, int(each) - 1) > target
    order = np.argsort(loads)
    assert (np.diff(beds[order]) >= 0).all()


def test_service_level_of_the_regions_beds(plan_run, midt):
    """Every trust's beds keep the share turned away at or under the target in the central run."""
    run = plan_run.central
    for area in AREAS:
        target = midt.parameter("loss_target", service_area=area)
        pool = midt.parameter("ward_pool_beds", service_area=area)
        load = run["treated_bed_days"].sel(service_area=area) / 365
        for trust in midt.trusts:
            beds, days = run["beds_service_level"].sel(service_area=area, trust=trust), load.sel(trust=trust)
            pools = max(np.round(float(days[0]) / midt.parameter("occupancy", service_area=area) / pool), 1.0)
            for mean, found in zip(days.values, beds.values, strict=True):
                assert queueing.erlang_b(mean / pools, round(found / pools)) <= target


def test_beds_follow_bed_days_and_occupancy(people_run, midt):
    days, beds = (
        people_run.draws("treated_bed_days", ("year", "service_area", "trust")),
        people_run.draws("beds", ("year", "service_area", "trust")),
    )
    occupancy = np.array([midt.parameter("occupancy", service_area=area) for area in AREAS])
    np.testing.assert_allclose(beds.values, days.values / 365 / occupancy[:, None], rtol=1e-12)
    today = arrays.beds_available(midt).sel(service_area=list(AREAS)).values
    np.testing.assert_allclose(
        people_run.draws("bed_gap", ("year", "service_area", "trust")).values,
        beds.values - today,
        rtol=1e-9,
        atol=1e-9,
    )


def test_scenario_without_assumptions_is_the_demography_that_is_shipped(demography):
    assert isinstance(demography, Scenario)
    assert demography.assumptions == ()
