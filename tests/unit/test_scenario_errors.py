"""Every way to get a scenario wrong gives one clear error: file, line, assumption, got, expected, way out."""

import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from framsyn.errors import PlanError
from framsyn.scenario import Scenario

HEAD = """\
format = 1
name = "small"
owner = "Planning"
label = { nb = "Liten", nn = "Liten", en = "Small" }
description = { nb = "Liten", nn = "Liten", en = "Small" }

[headline]
measure = "need"
weight = "base_year_cost"
unit = "percent"
base_year = 2025
until = 2040
measures = { nb = "Behov", nn = "Behov", en = "Need" }
figure = [{ service_area = "SOM", label = { nb = "S", nn = "S", en = "S" } }]
"""
TEXTS = """\
label = { nb = "A", nn = "A", en = "A" }
reason = { nb = "A", nn = "A", en = "A" }
source = "A"
owner = "A"
quality = "assumption"
"""
FACTOR = (
    """
[[assumption]]
name = "home_hospital"
kind = "factor"
group = "practice"
unit = "1"
target = { service_area = "SOM", measure = "bed_days" }
effect = { kind = "triangular", low = -0.1, mode = -0.05, high = 0.0 }
realisation = 0.6
profile = { kind = "linear", from = 2025, to = 2040 }
"""
    + TEXTS
)
SHIFT = (
    """
[[assumption]]
name = "shift_day"
kind = "shift"
group = "practice"
unit = "1"
from_level = "inpatient"
to_level = "day"
conversion = 1.2
length_ratio = 0.4
effect = 0.05
profile = { kind = "step", year = 2030 }
"""
    + TEXTS
)
AGEING = (
    """
[[assumption]]
name = "ageing"
kind = "age_shift"
group = "need"
unit = "year"
target = { service_area = "SOM", age = [60, 105] }
effect = 2
profile = { kind = "step", year = 2030 }
"""
    + TEXTS
)
SICK = (
    """
[[assumption]]
name = "sick"
kind = "parameter"
group = "workforce"
mode = "relative"
unit = "1"
target = { parameter = "sick_leave" }
effect = -0.1
profile = { kind = "step", year = 2030 }
"""
    + TEXTS
)
LEVEL = (
    """
[[assumption]]
name = "levelling"
kind = "levelling"
group = "need"
unit = "1"
target = { service_area = "PHV" }
effect = 0.5
profile = { kind = "step", year = 2030 }
"""
    + TEXTS
)
BIRTHS = (
    """
[[assumption]]
name = "births"
kind = "population"
group = "population"
unit = "1"
target = { parameter = "fertility" }
effect = 0.05
profile = { kind = "step", year = 2030 }
"""
    + TEXTS
)
WHOLE = HEAD + FACTOR + SHIFT + AGEING + SICK + LEVEL + BIRTHS


def test_the_text_that_is_broken_below_is_whole():
    assert [a.kind for a in Scenario.from_toml(WHOLE).assumptions] == [
        "factor", "shift", "age_shift", "parameter", "levelling", "population",
    ]  # fmt: skip


# what is replaced, by what, the code of the error, and what the message must hold
CASES = [
    # keys
    ('effect = { kind = "tri', 'efect = { kind = "tri', "unknown-key", ['"efect"', 'Did you mean "effect"?']),
    ("owner = \"Planning\"\n", "", "key-missing", ['the key "owner" is needed', "Add owner = …"]),
    ("mode = -0.05, ", "", "key-missing", ["effect.mode", 'the key "mode" is needed']),
    ("low = -0.1", "lo = -0.1", "unknown-key", ["effect.lo", 'Did you mean "low"?']),
    ("from = 2025", "start = 2025", "unknown-key", ["profile.start", "this key is not known here"]),
    ("nn = \"Liten\", en = \"Small\" }\nd", "en = \"Small\" }\nd", "key-missing", ["label.nn"]),
    ("measure = \"bed_days\"", "measures = \"bed_days\"", "unknown-key", ["target.measures", 'Did you mean "measure"?']),
    ("until = 2040", "untill = 2040", "unknown-key", ["headline.untill", 'Did you mean "until"?']),
    ("[[assumption]]", "[[assumptions]]", "unknown-key", ['Did you mean "assumption"?']),
    ("format = 1", "format = 2", "unknown-format", ["got 2", "format 1"]),
    # codes
    ('kind = "factor"', 'kind = "facter"', "unknown-kind", ['got "facter"', 'Did you mean "factor"?']),
    ('kind = "triangular"', 'kind = "triangle"', "unknown-kind", ["effect", 'Did you mean "triangular"?']),
    ('kind = "linear"', 'kind = "lineær"', "unknown-kind", ["profile", 'Did you mean "linear"?']),
    ('group = "practice"', 'group = "practise"', "unknown-group", ['Did you mean "practice"?']),
    ('measure = "bed_days"', 'measure = "beddays"', "unknown-measure", ['Did you mean "bed_days"?']),
    ('measure = "bed_days"', 'measure = "patients"', "unknown-measure", ["expected one of stays, bed_days"]),
    ('service_area = "SOM", measure', 'service_area = "SON", measure', "unknown-service-area", ['Did you mean "SOM"?']),
    ('from_level = "inpatient"', 'from_level = "inpatents"', "unknown-from-level", ['Did you mean "inpatient"?']),
    ('parameter = "fertility"', 'parameter = "births"', "unknown-parameter", ["fertility, net_migration"]),
    ('quality = "assumption"', 'quality = "guess"', "unknown-quality", ["official, derived, estimate"]),
    ('name = "home_hospital"', 'name = "Home hospital"', "bad-name", ["lower case"]),
    # units
    ('unit = "1"', 'unit = "%"', "unit-unfit", ['the unit of kind factor is "1"', "0.05 for 5 %"]),
    ('unit = "year"', 'unit = "1"', "unit-unfit", ['the unit of kind age_shift is "year"']),
    # sizes and signs
    ("realisation = 0.6", "realisation = 1.3", "share-out-of-range", ["got 1.3", "0–1", "Write 0.3 for 30 %."]),
    ("realisation = 0.6", "realisation = 60", "share-out-of-range", ["Write 0.6 for 60 %."]),
    ("realisation = 0.6", "realisation = -0.6", "share-out-of-range", ["the direction belongs to the effect"]),
    ("realisation = 0.6", 'realisation = { kind = "normal", mean = 0.6, sd = 0.2 }', "share-out-of-range", ["0–1"]),
    ("effect = 0.05", "effect = -0.05", "effect-out-of-range", ["kind shift lies in 0 to 1"]),
    ("effect = 0.5", "effect = 1.5", "effect-out-of-range", ["levelling lies in 0 to 1"]),
    ("effect = 2\n", "effect = 20\n", "effect-out-of-range", ["years"]),
    ("low = -0.1", "low = -1.1", "effect-out-of-range", ["-1 to 3"]),
    ("low = -0.1", "low = nan", "not-a-number", ["got nan", "finite"]),
    ("low = -0.1", "low = -inf", "not-a-number", ["finite"]),
    ("low = -0.1", 'low = "-0.1"', "wrong-type", ['got "-0.1"', "expected a number"]),
    ("effect = 0.05", "effect = true", "wrong-type", ["got true", "expected a number"]),
    ("low = -0.1", "low = 0.1", "bounds-unordered", ["low 0.1, mode -0.05, high 0"]),
    ("conversion = 1.2", "conversion = 0", "not-positive", ["never loses"]),
    ("length_ratio = 0.4", "length_ratio = 40", "share-out-of-range", ["0.4"]),
    ("age = [60, 105]", "age = [60, 120]", "age-out-of-range", ["[60, 120]", "0–105"]),
    ("age = [60, 105]", "age = [60, 90]", "age-out-of-range", ["105"]),
    ("age = [60, 105]", "age = 60", "wrong-type", ["got 60", "expected a list"]),
    # years
    ("from = 2025", "from = 2045", "years-unordered", ["from 2045 to 2040"]),
    ("from = 2025", "from = 25", "year-out-of-range", ["1990–2100"]),
    ("from = 2025", "from = 2025.5", "wrong-type", ["expected a whole number"]),
    ('{ kind = "linear", from = 2025, to = 2040 }', '{ kind = "points", years = [2030, 2028], shares = [0, 1] }',
     "years-unordered", ["2030 before 2028"]),
    ('{ kind = "linear", from = 2025, to = 2040 }', '{ kind = "points", years = [2030], shares = [0, 1] }',
     "lengths-differ", ["1 years and 2 shares"]),
    ("base_year = 2025", "base_year = 2040", "years-unordered", ["headline.base_year"]),
    # what does not belong together
    ('measure = "bed_days"', 'measure = "bed_days", level = "day"', "target-matches-nothing",
     ["belongs to level inpatient"]),
    ('group = "practice"', 'group = "economy"', "group-unfit", ["need or practice"]),
    ('to_level = "day"', 'to_level = "inpatient"', "levels-equal", ["two different levels"]),
    ('to_level = "day"\n', "", "key-missing", ["kind shift needs the key to_level"]),
    ('mode = "relative"\n', "", "key-missing", ["kind parameter needs the key mode"]),
    ("realisation = 0.6", 'realisation = 0.6\nmode = "absolute"', "key-unfit", ["only kind parameter"]),
    ('parameter = "sick_leave"', 'parameter = "sick_leave", age = [20, 60]', "key-unfit", ["no target key age"]),
    ('parameter = "fertility"', 'parameter = "fertility", trust = "sto"', "key-unfit", ["no target key trust"]),
    ('name = "shift_day"', 'name = "home_hospital"', "duplicate-name", ["name of its own", 'got "home_hospital"']),
    ('service_area = "PHV"', 'service_area = ["PHV", "PHV"]', "duplicate-code", ["each code stands once"]),
    # TOML
    ("unit = \"1\"", "unit = 1,0", "bad-toml", ["not TOML"]),
    ('name = "home_hospital"', 'name = "home_hospital"\nname = "x"', "bad-toml", ["stands twice"]),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "told"), CASES, ids=[f"{c[2]}: {c[1][:40]}" for c in CASES])
def test_one_clear_error(old, new, code, told):
    assert old in WHOLE
    broken = WHOLE.replace(old, new, 1)
    with pytest.raises(PlanError) as caught:
        Scenario.from_toml(broken, file="small.toml")
    error = caught.value
    message = str(error)
    assert error.code == code, message
    assert message.startswith("scenario small.toml")
    assert "\n" not in message
    for part in told:
        assert part in message, message
    if code != "key-missing" or "kind" in message:
        changed = 1 + WHOLE[: WHOLE.index(old)].count("\n")
        first, last = changed - old[: len(old)].count("\n"), changed + new.count("\n")
        if error.data["row"] is not None and code not in {"unit-unfit", "group-unfit"}:
            near = range(first - 1, last + 2)
            block = broken.split("\n")[error.data["row"] - 1]
            assert error.data["row"] in near or block.startswith("[[assumption]]"), message
    if code != "bad-toml":
        assert re.search(r": got .+; .+\.", message), message


def test_line_is_that_of_the_key_in_its_own_assumption():
    for block, name, key in ((FACTOR, "home_hospital", "effect"), (BIRTHS, "births", "effect")):
        start = WHOLE.index(block)
        place = WHOLE.index(f"\n{key} = ", start) + 1
        line = 1 + WHOLE[:place].count("\n")
        broken = WHOLE[:place] + "effect = 30 #" + WHOLE[place:]
        with pytest.raises(PlanError) as caught:
            Scenario.from_toml(broken, file="small.toml")
        assert f'small.toml, line {line}, assumption "{name}", effect: got 30;' in str(caught.value)
        assert caught.value.data["row"] == line
        assert caught.value.data["assumption"] == name


def test_a_key_inside_a_long_text_is_not_taken_for_the_key():
    decoy = 'reason = { nb = "A", nn = "A", en = "A" }'
    text = WHOLE.replace(
        decoy, 'reason.nn = "A"\nreason.en = "A"\nreason.nb = """\nrealisation = 9\n[[assumption]]\n"""', 1
    )
    broken = text.replace("effect = 0.05", "effect = 7", 1)
    with pytest.raises(PlanError) as caught:
        Scenario.from_toml(broken)
    assert caught.value.data["row"] == 1 + broken[: broken.index("effect = 7")].count("\n")


def test_other_faults_are_counted():
    broken = WHOLE.replace("realisation = 0.6", "realisation = 1.6").replace("effect = 0.05", "effect = 7", 1)
    with pytest.raises(PlanError, match=r"\(1 more fault after this one\.\)"):
        Scenario.from_toml(broken)


# ---------------------------------------------------------------- against a region


def small_region(**use_of):
    services, measures = (
        ["som_02", "som_09", "phv"],
        ["stays", "bed_days", "day_treatments", "outpatient_contacts"],
    )
    values = np.ones((3, 4, 2, 106))
    for name, value in use_of.items():
        values[services.index(name)] = value
    values[2, 2] = 0.0  # no day treatment in phv
    use = xr.DataArray(
        values,
        dims=("service", "measure", "sex", "age"),
        coords={"service": services, "measure": measures, "sex": ["male", "female"], "age": np.arange(106)},
    )
    parameters = pd.DataFrame(
        {
            "parameter": ["sick_leave", "unit_cost", "unit_cost", "efficiency_gain"],
            "service_area": [None, "SOM", "PHV", None],
            "level": ["", "day", "day", ""],
            "profession": ["", "", "", ""],
            "value": [0.09, 5000.0, 4000.0, 0.0],
            "unit": ["1", "NOK/unit", "NOK/unit", "1"],
        }
    )
    return SimpleNamespace(
        name="small",
        services=services,
        trusts=["hmr", "sto"],
        areas=["1505", "5001"],
        service_area_of={"som_02": "SOM", "som_09": "SOM", "phv": "PHV"},
        area_trust=lambda service_area: np.array([0, 1]),
        use=lambda: use,
        table=lambda name: {"parameters": parameters}[name],
    )


def test_a_scenario_that_fits_passes_and_is_returned():
    scenario = Scenario.from_toml(WHOLE)
    assert scenario.check(small_region()) is scenario


REGION_CASES = [
    ('measure = "bed_days"', 'measure = "bed_days", service = "som_20"', "unknown-service",
     ['got "som_20"', "Did you mean"]),
    ('measure = "bed_days"', 'measure = "bed_days", service = "phv"', "target-matches-nothing", ["would count as 1"]),
    ('measure = "bed_days"', 'measure = "bed_days", trust = "stor"', "unknown-trust", ['Did you mean "sto"?']),
    ('measure = "bed_days"', 'measure = "bed_days", area = "1506"', "unknown-area", ['Did you mean "1505"?']),
    ('measure = "bed_days"', 'measure = "bed_days", area = "1505", trust = "sto"', "target-matches-nothing", ["trust sto"]),
    ('service_area = "SOM", measure = "bed_days"', 'service_area = "PHV", level = "day"', "target-matches-nothing",
     ["service_area PHV, level day"]),
    ('service_area = "SOM", measure = "bed_days"', 'service_area = "TSB"', "target-matches-nothing", ["TSB"]),
    ('parameter = "sick_leave"', 'parameter = "sickleave"', "unknown-parameter", ['Did you mean "sick_leave"?']),
    ('parameter = "sick_leave"', 'parameter = "unit_cost", service_area = "TSB"', "target-matches-nothing", ["PHV, SOM"]),
    ('parameter = "sick_leave"', 'parameter = "efficiency_gain"', "target-matches-nothing", ["moves nothing", "absolute"]),
    ('mode = "relative"\nunit = "1"', 'mode = "absolute"\nunit = "percent"', "unit-unfit", ["has the unit 1"]),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "told"), REGION_CASES, ids=[c[1][-45:] for c in REGION_CASES])
def test_what_does_not_fit_the_region_is_one_error_with_its_line(old, new, code, told):
    assert old in WHOLE
    scenario = Scenario.from_toml(WHOLE.replace(old, new, 1), file="small.toml")
    with pytest.raises(PlanError) as caught:
        scenario.check(small_region())
    assert caught.value.code == code, str(caught.value)
    assert abs(caught.value.data["row"] - 1 - WHOLE[: WHOLE.index(old)].count("\n")) <= 2
    for part in told:
        assert part in str(caught.value), str(caught.value)


def test_a_shift_out_of_a_level_without_use_moves_nothing_and_is_refused():
    text = WHOLE.replace('from_level = "inpatient"', 'from_level = "day"').replace(
        'to_level = "day"', 'to_level = "outpatient"'
    )
    text = text.replace("length_ratio = 0.4\n", 'target = { service_area = "PHV" }\n')
    with pytest.raises(PlanError, match="from_level day"):
        Scenario.from_toml(text).check(small_region())


def test_levelling_of_a_service_area_that_the_region_lacks_is_refused():
    with pytest.raises(PlanError, match='assumption "levelling"'):
        Scenario.from_toml(WHOLE.replace('service_area = "PHV"', 'service_area = "PHBU"')).check(
            small_region()
        )
