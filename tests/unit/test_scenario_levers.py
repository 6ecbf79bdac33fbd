"""Levers: what a region's file says, what a scenario says of each, and the scenario that a moved lever makes."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

import framsyn
from framsyn.errors import PlanError
from framsyn.region import Region
from framsyn.report.figure import About
from framsyn.report.size_charts import size_chart
from framsyn.scenario import Fixed, Lognormal, Normal, Scenario, Triangular
from framsyn.scenario.levers import (
    LEVER_GROUPS,
    Lever,
    lever_range,
    lever_value,
    move_levers,
    read_lever,
    read_levers,
    shown_value,
    unsourced,
)
from framsyn.scenario.sizes import moved, product_range, product_values

REGION = Region.load("midt-norge")
LEVERS = read_levers(REGION)
PLAN, DEMOGRAPHY = Scenario.load("plan"), Scenario.load("demography")
SHIPPED = [Scenario.load(name) for name in Scenario.shipped("midt-norge")]


@pytest.fixture(scope="module")
def central() -> framsyn.outlook.result.Outlook:
    return framsyn.run(REGION, PLAN, draws=2, workers=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the region whose levers may be spoilt."""
    return Path(shutil.copytree(REGION.folder, tmp_path / "midt-norge"))


def spoil(folder: Path, old: str, new: str) -> Region:
    file = folder / "levers.toml"
    text = file.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return Region.load(folder)


def test_the_groups_stand_in_the_order_of_the_documents() -> None:
    groups = [lever.group for lever in LEVERS]
    assert list(dict.fromkeys(groups)) == list(LEVER_GROUPS)
    assert groups == sorted(groups, key=LEVER_GROUPS.index)


def test_every_assumption_of_the_plan_can_be_moved() -> None:
    assert {a.name for a in PLAN.assumptions} <= {lever.name for lever in LEVERS}


def test_the_first_levers_are_few_and_of_every_group() -> None:
    first = [lever for lever in LEVERS if lever.first]
    assert 8 <= len(first) <= 24
    assert {lever.group for lever in first} == set(LEVER_GROUPS)


def test_the_region_finds_nothing_wrong_with_its_levers() -> None:
    assert [finding for finding in REGION.check() if finding.table == "levers"] == []


def test_levers_belong_to_no_address_of_a_run(folder: Path) -> None:
    before = Region.load(folder).digest()
    (folder / "levers.toml").unlink()
    bare = Region.load(folder)
    assert bare.digest() == before == REGION.digest()
    assert read_levers(bare) == ()
    assert bare.check() is not None


@pytest.mark.parametrize("scenario", SHIPPED, ids=lambda scenario: scenario.name)
def test_a_lever_at_the_scenarios_own_value_is_the_very_same_scenario(scenario: Scenario) -> None:
    own = {lever.name: lever_value(lever, scenario) for lever in LEVERS}
    shown = {lever.name: shown_value(lever, scenario) for lever in LEVERS}
    assert move_levers(scenario, REGION, own) is scenario
    assert move_levers(scenario, REGION, shown) is scenario
    assert move_levers(scenario, REGION, {}) is scenario


@pytest.mark.parametrize("scenario", SHIPPED, ids=lambda scenario: scenario.name)
@pytest.mark.parametrize("lever", LEVERS, ids=lambda lever: lever.name)
def test_a_value_set_is_read_back_and_survives_a_file(scenario: Scenario, lever: Lever) -> None:
    for share in (0.0, 0.371, 1.0):
        value = lever.low + share * (lever.high - lever.low)
        made = move_levers(scenario, REGION, {lever.name: value})
        assert lever_value(lever, made) == pytest.approx(value, abs=1e-9)
        again = Scenario.from_toml(made.to_toml())
        assert again == made
        assert again.digest() == made.digest()
        assert (made is scenario) == (value == shown_value(lever, scenario))


@pytest.mark.parametrize("lever", LEVERS, ids=lambda lever: lever.name)
def test_every_lever_moves_what_it_says(lever: Lever, central: framsyn.outlook.result.Outlook) -> None:
    """At one end for each, and at both ends together something must differ; one that is idle moves nothing."""
    ends = [end for end in (lever.low, lever.high) if end != shown_value(lever, PLAN)]
    found = [
        framsyn.run(REGION, move_levers(PLAN, REGION, {lever.name: end}), draws=2, workers=1) for end in ends
    ]
    assert found
    for outlook in found:
        for name in lever.moves:
            before, after = (run.draws(name, ("year",)).values[:, -1] for run in (central, outlook))
            assert np.isfinite(after).all()
            assert (np.abs(after - before) > 1e-6 * np.abs(before)).any() == (lever.idle is None), name


def test_a_moved_size_keeps_its_shape() -> None:
    """Multiplied where its median is not nought; the same uniform number gives the moved draw of the same draw."""
    lever = read_lever(REGION, "work_processes")
    made = move_levers(PLAN, REGION, {"work_processes": -10.0})
    old, new = (s.assumption("work_processes").effect for s in (PLAN, made))
    assert type(new) is Triangular
    u = np.linspace(0.01, 0.99, 9)
    assert new.ppf(u) == pytest.approx(old.ppf(u) * -10.0 / lever_value(lever, PLAN))
    assert made.assumption("work_processes").realisation == PLAN.assumption("work_processes").realisation


def test_a_parameter_is_shifted_and_keeps_its_spread() -> None:
    made = move_levers(PLAN, REGION, {"energy_use": -30.0})
    old, new = (s.assumption("energy_use").effect for s in (PLAN, made))
    assert new.p90 - new.p10 == pytest.approx(old.p90 - old.p10)
    assert new.central == pytest.approx(-0.30)


def test_what_a_scenario_does_not_doubt_a_lever_does_not_make_doubtful() -> None:
    """A lever that only the region has sets one value: moved by a hair it does not widen every band."""
    made = move_levers(PLAN, REGION, {"nurses_leaving": 5.0})
    assert made.assumption("nurses_leaving").effect == Fixed(value=0.05)
    low, high = lever_range(read_lever(REGION, "nurses_leaving"), made)
    assert low < 0 < high, "the range behind it is still told"


def test_a_scenario_without_the_assumption_is_given_the_levers() -> None:
    made = move_levers(DEMOGRAPHY, REGION, {"work_processes": -10.0})
    assert made.assumption("work_processes").target == PLAN.assumption("work_processes").target
    back = move_levers(made, REGION, {"work_processes": 0.0})
    assert back.assumption("work_processes").effect == Fixed(value=0.0)
    again = move_levers(back, REGION, {"work_processes": -10.0})
    assert again.assumption("work_processes").effect == made.assumption("work_processes").effect


def test_the_order_of_the_moves_gives_one_scenario() -> None:
    moves = {"theatre_use": 5.0, "births": 10.0, "home_hospital": -8.0}
    made = move_levers(PLAN, REGION, moves)
    assert made.digest() == move_levers(PLAN, REGION, dict(reversed(moves.items()))).digest()


def test_a_moved_size_no_longer_claims_what_the_old_one_rested_on() -> None:
    assert PLAN.assumption("healthier_ageing").set_to_meet is not None
    made = move_levers(PLAN, REGION, {"healthier_ageing": 1.0})
    twice = move_levers(made, REGION, {"healthier_ageing": 2.0})
    for assumption in (made.assumption("healthier_ageing"), twice.assumption("healthier_ageing")):
        assert assumption.set_to_meet is None
        assert assumption.quality == "assumption"
        assert unsourced(assumption)
        assert assumption.source.count("Set with a lever") == 1


def test_moving_fast_is_moving_as_the_scenario_itself_does() -> None:
    made = move_levers(PLAN, REGION, {"home_hospital": -8.0})
    new = made.assumption("home_hospital")
    slow = PLAN.replace(
        "home_hospital", effect=new.effect.model_dump(), source=new.source, quality="assumption"
    )
    assert slow == made
    assert slow.digest() == made.digest()


def test_a_size_that_would_pass_its_kinds_limits_is_narrowed() -> None:
    made = move_levers(PLAN, REGION, {"levelling": 80.0})
    low, high = made.assumption("levelling").effect.reach
    assert 0.0 < low < 0.8 < high <= 1.0


def test_people_are_projected_anew_for_the_levers_that_say_so() -> None:
    for lever in LEVERS:
        assert lever.reprojects == (lever.template.kind == "population")


def test_numbers_told_in_the_words_are_those_of_the_region() -> None:
    told = {
        "sick_leave": [100 * REGION.parameter("sick_leave")],
        "nurses_leaving": [100 * REGION.parameter("leave_rate", profession=p) for p in ("nurse", "specialist_nurse")],
        "nurse_hours": [100 * REGION.parameter("position_share", profession=p) for p in ("nurse", "specialist_nurse")],
        "bed_occupancy": [100 * REGION.parameter("occupancy", service_area="SOM")],
        "room_use": [100 * REGION.parameter("room_utilisation")],
        "contact_minutes": [REGION.parameter("contact_minutes", service_area="SOM")],
        "day_place_use": [100 * REGION.parameter("day_utilisation")],
        "theatre_use": [100 * REGION.parameter("theatre_utilisation")],
        "energy_use": [REGION.parameter("energy_kwh_per_m2")],
        "wage_growth": [100 * REGION.parameter("wage_real_growth")],
        "drug_costs": [100 * REGION.parameter("drug_cost_growth")],
        "grant_follows_need": [100 * REGION.parameter("need_share_of_growth")],
    }  # fmt: skip
    for name, numbers in told.items():
        text = read_lever(REGION, name).text["en"]
        for value in numbers:
            assert f"{value:g}" in text, (name, value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), True, "5", None])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(PlanError, match="expected a number within -25 to 10") as caught:
        move_levers(PLAN, REGION, {"work_processes": value})  # type: ignore[dict-item]
    assert caught.value.code == "not-a-number"


@pytest.mark.parametrize("value", [-25.01, 10.01, 1e300])
def test_what_lies_beyond_the_ends_is_refused(value: float) -> None:
    with pytest.raises(PlanError, match="expected -25 to 10 ") as caught:
        move_levers(PLAN, REGION, {"work_processes": value})
    assert caught.value.code == "lever-out-of-range"
    assert caught.value.data["expected"] == [-25.0, 10.0]


def test_an_unknown_lever_is_refused_before_anything_is_moved() -> None:
    with pytest.raises(PlanError, match='Did you mean "work_processes"') as caught:
        move_levers(PLAN, REGION, {"home_hospital": -5.0, "work_process": 1.0})
    assert caught.value.code == "unknown-lever"


def test_a_name_that_means_something_else_in_somebodys_scenario_is_refused() -> None:
    other = PLAN.without("work_processes").with_assumption(
        {
            **PLAN.assumption("energy_use").model_dump(by_alias=True, exclude_none=True),
            "name": "work_processes",
        }
    )
    with pytest.raises(PlanError, match="kind is parameter") as caught:
        move_levers(other, REGION, {"work_processes": -10.0})
    assert caught.value.code == "lever-unfit"


def test_what_never_comes_true_comes_true_when_it_is_moved() -> None:
    never = PLAN.replace("work_processes", realisation=0.0)
    made = move_levers(never, REGION, {"work_processes": -10.0})
    assert lever_value(read_lever(REGION, "work_processes"), made) == pytest.approx(-10.0)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('unit = "percent"', 'unit = "per cent"', "unit: got 'per cent'"),
        ("low = -40\n", "low = 60\n", "low, neutral and high stand in this order"),
        ("step = 1\n", "step = 0\n", "a step is above 0"),
        ('name = "births"', 'name = "year"', "an address uses this word for something else"),
        ('name = "net_migration"', 'name = "births"', '"births" stands twice'),
        ('\nscenario = "plan"\n', "\n", "expected either scenario"),
        ('\nscenario = "plan"\n', '\nscenario = "demography"\n', 'has no assumption "healthier_ageing"'),
        ("format = 1", "format = 2", "expected format = 1"),
        ("[[lever]]", "[[lever", "not TOML"),
        ('moves = ["births",', 'moves = ["birhts",', "moves birhts, which is no quantity"),
        ('parameter = "occupancy"', 'parameter = "loss_target"', "which holds for a whole run"),
        ('parameter = "occupancy"', 'parameter = "ocupancy"', 'Did you mean "occupancy"?'),
        ("low = -20\nhigh = 15\n", "low = -20\nhigh = 25\n", "theatre_utilisation lies in 1.05 to 1.05"),
    ],
)  # fmt: skip
def test_a_lever_that_does_not_fit_is_a_finding(folder: Path, old: str, new: str, told: str) -> None:
    found = [finding for finding in spoil(folder, old, new).check() if finding.table == "levers"]
    assert found
    assert all(finding.level == "error" for finding in found)
    assert told in " ".join(finding.message for finding in found)


def test_a_shipped_scenario_beyond_a_levers_ends_is_a_finding(folder: Path) -> None:
    region = spoil(folder, "low = -25\nhigh = 10\n", "low = -2\nhigh = 10\n")
    told = [finding.message for finding in region.check() if finding.table == "levers"]
    assert len(told) == 2
    assert all("beyond -2 to 10. Move an end of the lever." in message for message in told)


def test_distributions_are_multiplied_and_shifted_draw_by_draw() -> None:
    u = np.linspace(0.005, 0.995, 41)
    for size in (
        Normal(mean=0.1, sd=0.05, low=0.0),
        Triangular(low=-0.1, mode=-0.02, high=0.0),
        Fixed(value=2.0),
    ):
        assert moved(size, 3.0, 0.5).ppf(u) == pytest.approx(3.0 * size.ppf(u) + 0.5)
        turned = moved(size, -2.0)
        assert turned.central == pytest.approx(-2.0 * size.central)
        assert sorted(turned.reach) == pytest.approx(sorted(-2.0 * end for end in size.reach))
    assert moved(Lognormal(median=2.0, sigma=0.3), 2.0).central == pytest.approx(4.0)
    with pytest.raises(PlanError, match="can only be multiplied by a number above 0"):
        moved(Lognormal(median=2.0, sigma=0.3), 1.0, 0.5)


def test_the_range_of_effect_times_realisation_is_that_of_many_draws() -> None:
    effect, share = PLAN.assumption("home_hospital").effect, PLAN.assumption("home_hospital").realisation
    random = np.random.default_rng(7)
    product = effect.ppf(random.uniform(size=400_000)) * share.ppf(random.uniform(size=400_000))
    assert product_range(effect, share) == pytest.approx(np.quantile(product, (0.1, 0.9)), rel=0.01)


# ------------------------------------------------------------------ the drawing of a size


@pytest.mark.parametrize(
    ("lang", "told"), [("nb", "−5,7 til −1,9"), ("nn", "−5,7 til −1,9"), ("en", "−5.7 to −1.9%")]
)
def test_the_drawing_of_a_size_says_in_words_what_it_shows(lang: str, told: str) -> None:
    assumption = PLAN.assumption("work_processes")
    values = product_values(assumption.effect, assumption.realisation) * 100
    about = About("Stay", "%", "Here", "", lang)
    chart = size_chart(
        values, about, name="size", centre=lever_value(read_lever(REGION, "work_processes"), PLAN)
    )
    assert told in chart.title
    low, middle, high = (float(value) for value in np.quantile(values, (0.1, 0.5, 0.9)))
    table = chart.table.iloc[:, 1].tolist()
    assert [table[1], table[3], table[5]] == pytest.approx([low, middle, high])
    for width in (720, 360):
        svg = chart.svg(width)
        assert 'role="img"' in svg
        assert svg.count("<path") + svg.count("<rect") > 30


def test_a_sure_size_is_not_drawn() -> None:
    with pytest.raises(PlanError, match="values without spread"):
        size_chart(np.full(500, 2.0), About("Stay", "%", "Here", "", "en"), name="size")
