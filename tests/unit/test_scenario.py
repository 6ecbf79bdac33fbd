"""Scenarios: reading, writing, digest, changing, drawing, schema."""

import json
import random
import tomllib
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framsyn.errors import PlanError
from framsyn.region import Region
from framsyn.scenario import Assumption, Scenario, Target
from framsyn.scenario.model import LANGUAGES
from framsyn.scenario.scenario import REGIONS
from framsyn.scenario.schema import SCHEMA_FILE, scenario_schema, schema_text
from framsyn.scenario.target import MEASURES
from framsyn.scenario.toml_text import line_of, write_toml

NAMES = ["ambitious", "demography", "plan", "trend"]
YEARS = np.arange(2025, 2041)
DRAWS = np.arange(200)


def file_of(name):
    return REGIONS / "midt-norge" / "scenarios" / f"{name}.toml"


# ---------------------------------------------------------------- shipped files


@pytest.mark.parametrize("name", NAMES)
def test_shipped_file_reads_back_the_same(name):
    scenario = Scenario.load(name)
    assert scenario.name == name
    assert Scenario.load(file_of(name)) == scenario
    assert Scenario.from_toml(scenario.to_toml()) == scenario
    assert Scenario.from_toml(scenario.to_toml()).to_toml() == scenario.to_toml()


@pytest.mark.parametrize("name", NAMES)
def test_shipped_file_says_what_its_headline_measures(name):
    headline = Scenario.load(name).headline
    assert headline["measure"] == "need"
    assert (headline["unit"], headline["base_year"], headline["until"]) == ("percent", 2025, 2040)
    assert {code for figure in headline["figure"] for code in figure.service_area} == {
        "SOM",
        "PHV",
        "PHBU",
        "TSB",
    }


def test_plan_marks_what_was_set_to_meet_the_published_figures():
    plan = Scenario.load("plan")
    published = {figure.service_area: figure.published for figure in plan.headline.figure}
    assert published == {("SOM",): 13.0, ("PHV", "PHBU"): 10.0, ("TSB",): None}
    marked = {a.name for a in plan.assumptions if a.set_to_meet is not None}
    assert marked == {"healthier_ageing", "treatment_gap"}
    assert all("set to meet" in plan.assumption(name).source for name in marked)


def test_ambitious_has_the_need_of_plan_and_more_change_of_practice():
    plan, ambitious = Scenario.load("plan"), Scenario.load("ambitious")
    assert [a.name for a in plan.assumptions] == [a.name for a in ambitious.assumptions]
    for before, after in zip(plan.assumptions, ambitious.assumptions, strict=True):
        if before.group == "need":
            assert before == after
        elif before.group == "practice":
            size = [abs(a.central()["effect"] * a.central()["realisation"]) for a in (before, after)]
            assert size[1] > size[0], before.name


def test_trend_continues_2015_2019_and_leaves_the_breaks_out():
    trend = Scenario.load("trend")
    assert {a.group for a in trend.assumptions} == {"practice"}
    assert {a.quality for a in trend.assumptions} == {"derived"}
    for assumption in trend.assumptions:
        years, shares = np.array(assumption.profile.years), np.array(assumption.profile.shares)
        assert (years[0], years[-1], shares[0], shares[-1]) == (2025, 2040, 0.0, 1.0)
        assert np.all(np.diff(np.diff(shares) / np.diff(years)) < 0), "a damped trend slows down"


@pytest.mark.parametrize(
    ("name", "table", "service_area", "measure"),
    [
        ("trend_stays", "resident_activity", "SOM", "stays"),
        ("trend_bed_days", "resident_activity", "SOM", "bed_days"),
        ("trend_day_treatments", "trust_activity", "SOM", "day_treatments"),
        ("trend_outpatient_contacts", "trust_activity", "SOM", "outpatient_contacts"),
        ("trend_phv_bed_days", "resident_activity", "PHV", "bed_days"),
        ("trend_phv_outpatient_contacts", "resident_activity", "PHV", "outpatient_contacts"),
    ],
)
def test_trend_sizes_follow_from_the_regions_own_tables(name, table, service_area, measure):
    region = Region.load("midt-norge")
    rows = region.table(table)
    rows = rows[(rows["service_area"] == service_area) & (rows["measure"] == measure)]
    observed = [rows.loc[rows["year"] == year, "value"].sum() for year in (2015, 2019)]
    people = region.table("population_trust_history").groupby(["year", "age"])[["male", "female"]].sum()
    people = people.sum(axis=1).unstack("year")
    if table == "trust_activity":
        # The trusts' own counts have no ages; the ages of somatic patients stand in for them.
        totals = region.table("use_total")
        groups = totals[(totals["service_area"] == service_area) & (totals["measure"] == "patients")]
        use = np.zeros(len(people))
        for group in groups.itertuples():
            inside = slice(group.age_from, group.age_to)
            use[group.age_from : group.age_to + 1] = group.value / people.loc[inside, 2025].sum()
    else:
        services = [code for code in region.services if region.service_area_of[code] == service_area]
        rates = region.use().sel(service=services, measure=measure, sex=["male", "female"])
        use = rates.sum("service").mean("sex").transpose("age").values
    expected = [(use * people[year].values).sum() for year in (2015, 2019)]
    yearly = (observed[1] / observed[0] / (expected[1] / expected[0])) ** 0.25 - 1
    weight = sum(0.9**years for years in range(15))
    size = Scenario.load("trend").assumption(name).effect.central
    # The tables are ungrouped to single ages, the sizes were worked out on the published age groups.
    assert size == pytest.approx((1 + yearly) ** weight - 1, abs=0.008)


@pytest.mark.parametrize("name", NAMES)
def test_every_text_is_written_in_three_languages(name):
    scenario = Scenario.load(name)
    for assumption in scenario.assumptions:
        for language in LANGUAGES:
            assert assumption.label[language].strip()
            assert len(assumption.reason[language]) > 30
        assert assumption.reason["nb"] != assumption.reason["en"]
        assert assumption.reason["nb"] != assumption.reason["nn"]
    with pytest.raises(KeyError):
        scenario.label["sv"]


@pytest.mark.parametrize("name", NAMES)
def test_shipped_file_fits_its_region(name):
    region = Region.load("midt-norge")
    assert Scenario.load(name, region=region).name == name


# ---------------------------------------------------------------- schema


def test_published_schema_is_fresh():
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), "run python -m framsyn.scenario.schema"


@pytest.mark.parametrize("name", NAMES)
def test_shipped_file_follows_the_schema_and_names_it(name):
    text = file_of(name).read_text(encoding="utf-8")
    jsonschema.Draft202012Validator(scenario_schema()).validate(tomllib.loads(text))
    named = text.splitlines()[0].removeprefix("#:schema ")
    assert (file_of(name).parent / named).resolve() == SCHEMA_FILE.resolve()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('kind = "shift"', 'kind = "factor"'),
        ("realisation = ", "realization = "),
        ('group = "need"', 'group = "needs"'),
        ('to_level = "day"', ""),
        ("age = [60, 105]", 'age = "60+"'),
    ],
)
def test_schema_refuses_what_the_reader_refuses(old, new):
    text = file_of("plan").read_text(encoding="utf-8")
    broken = text.replace(old, new, 1)
    assert broken != text
    assert list(jsonschema.Draft202012Validator(scenario_schema()).iter_errors(tomllib.loads(broken)))
    with pytest.raises(PlanError):
        Scenario.from_toml(broken)


def test_schema_describes_every_key():
    for name, model in scenario_schema()["$defs"].items():
        for key, written in model["properties"].items():
            described = written.get("description") or key == "kind"
            assert described, f"{name}.{key}"


# ---------------------------------------------------------------- digest


def shuffled(value, source):
    if isinstance(value, dict):
        keys = list(value)
        source.shuffle(keys)
        return {key: shuffled(value[key], source) for key in keys}
    return [shuffled(item, source) for item in value] if isinstance(value, list) else value


def test_digest_ignores_key_order_and_the_way_a_number_is_written():
    text = file_of("plan").read_text(encoding="utf-8")
    plan = Scenario.from_toml(text)
    document = shuffled(tomllib.loads(text), random.Random(3))
    assert Scenario._made(document, plan._origin).digest() == plan.digest()
    assert Scenario.from_toml(text.replace("realisation = 1.0", "realisation = 1")).digest() == plan.digest()
    long = 'realisation = { kind = "fixed", value = 1.0 }'
    assert Scenario.from_toml(text.replace("realisation = 1.0", long)).digest() == plan.digest()


def test_a_copy_does_not_carry_the_digest_of_the_old_content_along():
    plan = Scenario.load("plan")
    known, first = plan.digest(), plan.assumptions[0]
    assert first.canonical  # both are known before they are copied
    assert plan.model_copy(update={"name": "other"}).digest() != known
    wanted = plan.replace(first.name, realisation=0.123)
    other = first.model_copy(update={"realisation": wanted.assumptions[0].realisation})
    assert other.canonical != first.canonical
    copied = plan.model_copy(update={"assumptions": (other, *plan.assumptions[1:])})
    assert copied.digest() == wanted.digest() != known
    assert plan.model_copy() == plan
    assert plan.model_copy().digest() == known == Scenario.load("plan").digest()


def test_digest_changes_with_any_size_and_with_the_order_of_assumptions():
    plan = Scenario.load("plan")
    digests = {plan.digest()}
    for assumption in plan.assumptions:
        digests.add(plan.replace(assumption.name, realisation=0.123).digest())
        digests.add(plan.without(assumption.name).digest())
    assert len(digests) == 1 + 2 * len(plan.assumptions)
    first = plan.assumptions[0]
    assert plan.without(first.name).with_assumption(first).digest() != plan.digest()


# ---------------------------------------------------------------- changing


def test_changes_make_a_new_scenario_and_leave_the_old():
    plan = Scenario.load("plan")
    before = plan.digest()
    changed = plan.replace("home_hospital", effect=-0.2, profile={"kind": "step", "year": 2030})
    assert changed.assumption("home_hospital").values(YEARS)[4] == 0.0
    assert changed.assumption("home_hospital").effect.central == -0.2
    assert plan.digest() == before
    assert (
        plan.replace("healthier_ageing", set_to_meet=None).assumption("healthier_ageing").set_to_meet is None
    )
    with pytest.raises(ValueError, match="frozen"):
        plan.name = "other"
    with pytest.raises(ValueError, match="frozen"):
        plan.assumptions[0].effect = 3


def test_a_change_that_cannot_be_is_one_plan_error():
    plan = Scenario.load("plan")
    with pytest.raises(
        PlanError, match=r'scenario "plan", assumption "home_hospital", realisation: got 1.3; a share'
    ):
        plan.replace("home_hospital", realisation=1.3)
    with pytest.raises(PlanError, match='Did you mean "home_hospital"'):
        plan.without("home_hopsital")
    with pytest.raises(PlanError, match="name of its own"):
        plan.with_assumption(plan.assumption("home_hospital"))


def test_scenario_without_assumptions_can_be_built_up():
    bare = Scenario.load("demography")
    plan = Scenario.load("plan")
    for assumption in plan.assumptions:
        bare = bare.with_assumption(assumption)
    assert bare.assumptions == plan.assumptions


# ---------------------------------------------------------------- drawing


def test_adding_or_removing_an_assumption_leaves_the_others_draws_bit_identical():
    plan = Scenario.load("plan")
    other = plan.without("home_hospital").without("disease_cancer")
    other = other.with_assumption(plan.assumption("home_hospital").model_copy(update={"name": "another"}))
    for assumption in other.assumptions[:-1]:
        before = plan.assumption(assumption.name).draw(7, DRAWS)
        after = assumption.draw(7, DRAWS)
        assert all(before[part].tobytes() == after[part].tobytes() for part in before)


def test_a_draw_is_the_same_in_any_chunk():
    shift = Scenario.load("plan").assumption("shift_inpatient_day")
    whole = shift.draw(1, DRAWS)
    for part, values in whole.items():
        pieces = [shift.draw(1, chunk)[part] for chunk in np.array_split(DRAWS, 7)]
        assert np.concatenate(pieces).tobytes() == values.tobytes()
    assert set(whole) == {"effect", "realisation", "conversion"}
    assert len({values.tobytes() for values in whole.values()}) == 3


def test_draws_follow_the_distribution_and_the_median_is_the_central_run():
    assumption = Scenario.load("plan").assumption("home_hospital")
    drawn = assumption.draw(1, np.arange(20_000))
    assert np.median(drawn["effect"]) == pytest.approx(assumption.central()["effect"], abs=3e-4)
    assert np.quantile(drawn["effect"], 0.1) == pytest.approx(assumption.effect.p10, abs=6e-4)
    assert np.quantile(drawn["realisation"], 0.9) == pytest.approx(assumption.realisation.p90, abs=4e-3)
    assert abs(np.corrcoef(drawn["effect"], drawn["realisation"])[0, 1]) < 0.03


def test_values_are_effect_times_realisation_times_profile():
    assumption = Scenario.load("plan").assumption("home_hospital")
    drawn = assumption.draw(1, DRAWS)
    values = assumption.values(YEARS, drawn)
    assert values.shape == (200, 16)
    expected = drawn["effect"][3] * drawn["realisation"][3] * assumption.profile.at([2033])[0]
    assert values[3, 8] == pytest.approx(expected, rel=1e-14)
    central = assumption.central()
    assert assumption.values(YEARS)[-1] == pytest.approx(
        central["effect"] * central["realisation"], rel=1e-14
    )


# ---------------------------------------------------------------- targets


def test_masks_of_a_target():
    area = {"som_02": "SOM", "som_09": "SOM", "phv": "PHV"}
    assert Target().service_mask(list(area), area).tolist() == [True, True, True]
    assert Target(service_area="SOM").service_mask(list(area), area).tolist() == [True, True, False]
    assert Target(service=["som_09"]).service_mask(list(area), area).tolist() == [False, True, False]
    assert Target(service_area="PHV", service="som_02").service_mask(list(area), area).sum() == 0
    assert Target(level="inpatient").measure_mask(MEASURES).tolist() == [True, True, False, False]
    assert Target(trust="sto").area_mask(["5001", "1505"], ["sto", "hmr"]).tolist() == [True, False]
    assert Target(area="1505").area_mask(["5001", "1505"], ["sto", "hmr"]).tolist() == [False, True]


# ---------------------------------------------------------------- round trip of anything

numbers = st.floats(-0.9, 0.9).map(lambda x: round(x, 6))
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300).filter(
    lambda t: t.strip()
)
words = st.fixed_dictionaries({"nb": texts, "nn": texts, "en": texts})
spans = st.tuples(st.integers(2000, 2040), st.integers(1, 40)).map(lambda p: (p[0], p[0] + p[1]))


def ordered(count):
    return st.lists(numbers, min_size=count, max_size=count, unique=True).map(sorted)


sizes = st.one_of(
    numbers,
    ordered(2).map(lambda x: {"kind": "uniform", "low": x[0], "high": x[1]}),
    ordered(3).map(lambda x: {"kind": "triangular", "low": x[0], "mode": x[1], "high": x[2]}),
    ordered(3).map(lambda x: {"kind": "normal", "mean": x[1], "sd": 0.3, "low": x[0], "high": x[2]}),
)
shares = st.floats(0.0, 1.0)
profiles = st.one_of(
    spans.map(lambda p: {"kind": "linear", "from": p[0], "to": p[1]}),
    spans.map(lambda p: {"kind": "logistic", "from": p[0], "to": p[1], "steepness": 0.7}),
    st.integers(2000, 2080).map(lambda year: {"kind": "step", "year": year}),
    st.lists(shares, min_size=1, max_size=5).map(
        lambda s: {"kind": "points", "years": list(range(2025, 2025 + len(s))), "shares": s}
    ),
)


@st.composite
def assumptions(draw):
    count = draw(st.integers(0, 3))
    made = []
    for number in range(count):
        made.append(
            {
                "name": f"factor_{number}",
                "kind": "factor",
                "group": draw(st.sampled_from(["need", "practice"])),
                "unit": "1",
                "label": draw(words),
                "reason": draw(words),
                "target": draw(
                    st.sampled_from([{}, {"service_area": "SOM"}, {"age": [0, 17], "level": ["day"]}])
                ),
                "effect": draw(sizes),
                "realisation": draw(shares),
                "profile": draw(profiles),
                "source": draw(texts),
                "owner": draw(texts),
                "quality": draw(st.sampled_from(["estimate", "assumption"])),
            }
        )
    return made


@settings(max_examples=60, deadline=None)
@given(description=words, made=assumptions())
def test_any_scenario_survives_being_written_and_read(description, made):
    frame = tomllib.loads(file_of("demography").read_text(encoding="utf-8"))
    scenario = Scenario._made(
        {**frame, "description": description, "assumption": made}, Scenario.load("plan")._origin
    )
    text = scenario.to_toml()
    again = Scenario.from_toml(text)
    assert again == scenario
    assert again.digest() == scenario.digest()
    assert again.to_toml() == text
    for number, assumption in enumerate(made):
        line = line_of(text, ["assumption", number, "name"])
        assert text.split("\n")[line - 1] == f'name = "{assumption["name"]}"'


plain = st.one_of(
    texts, st.integers(-(10**9), 10**9), st.floats(allow_nan=False, allow_infinity=False), st.booleans()
)


@given(st.dictionaries(texts, st.one_of(plain, st.lists(st.integers()), st.dictionaries(texts, plain))))
def test_any_document_survives_being_written_and_read(document):
    assert tomllib.loads(write_toml(document)) == document


def test_long_texts_are_wrapped_and_read_back():
    text = " ".join(['a long word-by-word text with \\ and " and  two spaces'] * 8)
    written = write_toml({"reason": {"nb": text}}, dotted=("reason",))
    assert max(map(len, written.splitlines())) <= 101
    assert tomllib.loads(written)["reason"]["nb"] == text


# ---------------------------------------------------------------- looking up


def test_lookup_of_names_and_paths(tmp_path):
    assert set(NAMES) <= set(Scenario.shipped("midt-norge"))
    copy = tmp_path / "mine.toml"
    copy.write_bytes(file_of("plan").read_bytes())
    assert Scenario.load(copy) == Scenario.load("plan", region="midt-norge")
    assert Scenario.load(str(copy)).digest() == Scenario.load("plan").digest()
    with pytest.raises(PlanError, match='Did you mean "plan"'):
        Scenario.load("plann")
    with pytest.raises(PlanError, match='Did you mean "mine.toml"'):
        Scenario.load(tmp_path / "mini.toml")
    (tmp_path / "bad.toml").write_bytes(b'name = "\xff"')
    with pytest.raises(PlanError, match="UTF-8"):
        Scenario.load(tmp_path / "bad.toml")


def test_scenario_crosses_process_borders():
    import pickle

    plan = Scenario.load("plan")
    assert pickle.loads(pickle.dumps(plan)).digest() == plan.digest()
    assert len({plan, Scenario.load("plan")}) == 1


def test_schema_file_is_plain_json_in_the_package():
    assert json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))["title"] == "Framsyn scenario"
    assert SCHEMA_FILE.parent == Path(__import__("framsyn.scenario", fromlist=["x"]).__file__).parent


def test_assumption_made_in_python_equals_the_one_from_a_file():
    plan = Scenario.load("plan")
    first = plan.assumptions[0]
    assert Assumption.model_validate(first.model_dump()) == first


def test_a_mark_before_the_first_letter_and_windows_line_ends_change_nothing(tmp_path):
    plan = Scenario.load("plan")
    path = tmp_path / "plan.toml"
    path.write_bytes(b"\xef\xbb\xbf" + plan.to_toml().replace("\n", "\r\n").encode())
    assert Scenario.load(path).digest() == plan.digest()
