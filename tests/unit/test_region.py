"""The shipped region: codes, sums, arrays, switches, and numbers that are known from elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from framsyn.errors import PlanError
from framsyn.region import Region, estimate


@pytest.fixture(scope="module")
def region():
    return Region.load("midt-norge")


def test_codes_are_in_a_fixed_order(region):
    assert region.trusts == ["hmr", "hnt", "sto"]
    assert region.areas == sorted(region.areas)
    assert len(region.areas) == 66
    assert region.services[0] == "som_01"
    assert region.services[-3:] == ["phv", "phbu", "tsb"]
    assert set(region.service_area_of.values()) == {"SOM", "PHV", "PHBU", "TSB"}


@pytest.mark.parametrize(
    ("trust", "with_bindal", "without"),
    [("hmr", 272_413, 272_413), ("hnt", 138_556, 137_182), ("sto", 349_633, 349_633)],
)
def test_population_2025_is_the_published_one(region, trust, with_bindal, without):
    for chosen, expected in ((region, with_bindal), (Region.load("midt-norge", bindal=False), without)):
        members = chosen.area_trust("SOM") == chosen.trusts.index(trust)
        assert int(chosen.population(2025).values[members].sum()) == expected


def test_psychiatric_catchment_of_nord_trondelag_is_the_published_one():
    # Statistics Norway, table 13982: 142 201 = 137 182 + Selbu 4 233 + Tydal 786
    region = Region.load("midt-norge", bindal=False)
    members = region.area_trust("PHV") == region.trusts.index("hnt")
    assert int(region.population(2025).values[members].sum()) == 142_201


def test_shares_of_the_old_are_those_of_the_plan(region):
    published = {"hmr": 22, "hnt": 23, "sto": 18}
    for trust, percent in published.items():
        people = region.population(2025).values[region.area_trust() == region.trusts.index(trust)]
        assert abs(100 * people[:, :, 65:].sum() / people.sum() - percent) < 0.51


def test_life_expectancy_2024_is_that_of_the_life_table(region):
    # the data's own note: men 81.59, women 84.80
    death = region.life_tables().sel(year=2024)
    for sex, expected in (("male", 81.59), ("female", 84.80)):
        q = death.sel(sex=sex).values.copy()
        q[-1] = 1
        left = np.concatenate([[1.0], np.cumprod(1 - q)])
        assert abs((left[1:].sum() + 0.5) - expected) < 0.03


def test_fertility(region):
    pattern = region.fertility_pattern()
    assert float(pattern.sum()) == pytest.approx(1, abs=1e-12)
    assert float(pattern.sel(age=slice(0, 14)).sum()) == 0
    assert 29 < float((pattern * (pattern["age"] + 0.5)).sum()) < 33
    assert float(region.fertility_total().sel(year=2024)) == pytest.approx(1.44, abs=0.01)  # published 1.44
    level = region.fertility_level("2015-2025")
    assert list(level["area"].values) == region.areas
    assert float(level.sel(area="1508")) == float(level.sel(area="1580"))
    assert 0.8 < float(level.min()) < 1 < float(level.max()) < 1.4


def test_use_keeps_every_published_figure(region):
    official = Region.load("midt-norge", bindal=False)
    people = official.population(2025).values.sum(axis=0)
    use = region.use()
    for row in region.table("use").itertuples():
        rate = use.sel(service=row.service, measure=row.measure).values[:, row.age_from : row.age_to + 1]
        got = float((rate * people[:, row.age_from : row.age_to + 1]).sum())
        assert got == pytest.approx(row.value, rel=1e-6, abs=0.06), row


def test_pregnancy_is_womens_alone(region):
    chapter = region.use().sel(service="som_15", measure="stays")
    assert float(chapter.sel(sex="male").sum()) == 0
    assert float(chapter.sel(sex="female").sum()) > 0


def test_published_totals_of_residents(region):
    total = region.table("use_total").groupby(["service_area", "measure"])["value"].sum()
    assert total["SOM", "outpatient_contacts"] == 1_367_298
    assert total["SOM", "bed_days"] == pytest.approx(
        518_934, abs=60
    )  # rounded per age group by the publisher
    assert total["PHV", "outpatient_contacts"] == pytest.approx(302_388, abs=30)


def test_trust_activity_adds_up_to_the_published_total(region):
    frame = region.table("trust_activity")
    sums = frame[frame["year"] == 2025].groupby(["trust", "measure"])["value"].sum()
    published = {  # Statistics Norway, table 13942, all service areas, 2025
        ("hmr", "bed_days"): 185_967,
        ("hnt", "bed_days"): 86_608,
        ("sto", "bed_days"): 291_609,
        ("hmr", "stays"): 40_935,
        ("hnt", "outpatient_contacts"): 234_567,
        ("sto", "outpatient_contacts"): 736_769,
        ("hmr", "outpatient_contacts"): 496_151,
        ("sto", "day_treatments"): 37_753,
    }
    for key, expected in published.items():
        assert sums[key] == pytest.approx(expected, abs=0.5)


def test_staff_adds_up_to_the_published_total(region):
    frame = region.table("staff")
    sums = frame[frame["year"] == 2025].groupby("trust")["fte"].sum()
    for trust, published in {"hmr": 5484, "hnt": 3011, "sto": 9225}.items():
        assert abs(sums[trust] - published) <= 3
    assumed = frame[(frame["year"] == 2025) & (frame["quality"] == "assumption")]
    shares = assumed.pivot_table(index="profession", columns="trust", values="fte")
    shares = shares / shares.sum()
    assert np.allclose(shares["hmr"], shares["hnt"], atol=2e-4), (
        "an assumption must not tell two trusts apart"
    )


def test_no_assumption_tells_places_apart(region):
    assert set(region.table("use_ratio")["ratio"]) == {1}
    frame = region.table("trust_activity")
    substance = frame[(frame["service_area"] == "TSB") & (frame["measure"] == "outpatient_contacts")]
    people = {
        trust: region.population(2025).values[(region.area_trust("TSB") == i)].sum()
        for i, trust in enumerate(region.trusts)
    }
    people["hnt"] -= region.population(2025).sel(area="1811").values.sum()  # table 13942 is without Bindal
    contacts = substance[substance["year"] == 2025].set_index("trust")["value"]
    rates = [contacts[trust] / people[trust] for trust in region.trusts]
    assert max(rates) / min(rates) == pytest.approx(1, abs=1e-4)


def test_flows_send_everybody_somewhere_once(region):
    for service_area in ("SOM", "PHV", "PHBU", "TSB"):
        flows = region.flows(service_area)
        assert np.allclose(flows.sum("provider"), 1)
        assert float(region.guests(service_area).sel(provider="elsewhere")) == 0


def test_uncontrolled_projection_comes_near_the_plan(region):
    """Mean rates of 2015–2025, mortality of 2024 held: near the plan's 2040 without being set to it."""
    people = region.population(2025).values.copy()
    migration = region.migration_rates("2015-2025").values
    survive, newborn = estimate.survival(region.life_tables().sel(year=2024).values)
    fertility = float(region.fertility_total().sel(year=2025)) * region.fertility_pattern().values
    level = region.fertility_level("2015-2025").values
    for _ in range(15):
        left = people * survive * (1 + migration)
        after = np.zeros_like(people)
        after[..., 1:] = left[..., :-1]
        after[..., -1] += left[..., -1]
        births = ((people[:, 1] + after[:, 1]) / 2 @ fertility) * level
        after[:, 0, 0], after[:, 1, 0] = births * 0.514 * newborn[0], births * 0.486 * newborn[1]
        people = after
    plan = {"hmr": (278_653, 26), "hnt": (139_469, 28), "sto": (380_580, 22)}
    for trust, (persons, old) in plan.items():
        mine = people[region.area_trust() == region.trusts.index(trust)]
        assert abs(mine.sum() / persons - 1) < 0.06
        assert abs(100 * mine[:, :, 65:].sum() / mine.sum() - old) < 1.5


def test_parameter_most_specific_row_wins(region):
    assert region.parameter("occupancy", service_area="PHV") == 0.87
    assert region.parameter("room_hours", service_area="PHV", level="outpatient") == region.parameter(
        "room_hours"
    )
    with pytest.raises(PlanError, match=r"parameters\.csv: no row fits .*occupancy"):
        region.parameter("occupancy")
    with pytest.raises(PlanError, match="Did you mean 'occupancy'"):
        region.parameter("occupency")


def test_controls(region):
    assert len(region.controls("trust")) == 8  # three trusts and the region, two years
    assert set(region.controls("county")["place"]) == {"15", "50"}
    assert region.controls("county", "HHMH")["year"].max() == 2050
    with pytest.raises(PlanError, match="no variant 'MMM'.*MMMM"):
        region.controls("county", "MMM")


def test_switches(region):
    without = Region.load("midt-norge", bindal=False)
    assert set(region.areas) - set(without.areas) == {"1811"}
    assert region.digest() != without.digest()
    assert region.digest() == Region.load("midt-norge", bindal=True).digest()
    assert np.array_equal(region.use().values, without.use().values)
    with pytest.raises(PlanError, match="no switch 'bindall'"):
        Region.load("midt-norge", bindall=True)
    with pytest.raises(PlanError, match="expected True or False"):
        Region.load("midt-norge", bindal="no")


def test_an_unknown_switch_of_a_loaded_region_is_told(region):
    with pytest.raises(PlanError, match="no switch 'bindel'.*Did you mean 'bindal'") as caught:
        region.with_switches(bindel=True)
    assert caught.value.code == "unknown-switch"


def test_labels_in_three_language_forms(region):
    assert region.label_of("trust", "sto") == "St. Olavs hospital"
    assert region.label_of("service", "som_07", "nn") == "Auget"
    assert region.label_of("profession", "nurse", "en") == "Nurses"
    with pytest.raises(PlanError, match="no language 'se'"):
        region.label_of("trust", "sto", "se")


def test_arrays_cannot_be_changed_by_accident(region):
    with pytest.raises(ValueError, match="read-only"):
        region.population(2025).values[0] = 0


def test_check_finds_no_fault(region):
    assert {finding.level for finding in region.check()} <= {"note"}


def test_unknown_region_names_those_that_come_along():
    with pytest.raises(PlanError, match="midt-norge"):
        Region.load("midt-norg")
