"""The plan's content: the region's own files by count and language, no sentence of a source, and every refusal."""

from __future__ import annotations

import csv
import os
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from framsyn.errors import PlanError
from framsyn.web.plan.content import Content, read_content
from framsyn.web.plan.content_models import Text

REGION = Path(__file__).resolve().parents[2] / "src" / "framsyn" / "regions" / "midt-norge"
FOLDER = REGION / "plan"
PLAN = "rup-2027"
GOALS_BY_SECTION = {1: 4, 2: 5, 3: 5, 4: 3, 5: 4, 6: 3, 7: 4, 8: 7, 9: 5, 10: 4}
MAIN_GOAL_BY_SECTION = {1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 6: 2, 7: 3, 8: 4, 9: 5, 10: 6}
RUN = 8

ORGANISATIONS = """
[[organisation]]
id = "hmn"
kind = "health_authority"
name = { nb = "A", nn = "A", en = "A" }
short = { nb = "A", nn = "A", en = "A" }
source = "Register"
"""
PLAN_FILE = """
[plan]
id = "small"
kind = "regional_plan"
organisation = "hmn"
period = [2027, 2040]
title = { nb = "Plan", nn = "Plan", en = "Plan" }
summary = { nb = "Kort", nn = "Kort", en = "Short" }
source = { title = "Utkast" }

[version]
label = "1"
state = "draft"

[[element]]
id = "small.d1"
kind = "driver"
title = { nb = "Alder", nn = "Alder", en = "Age" }

[[element]]
id = "small.h1"
kind = "main_goal"
title = { nb = "Hovedmål", nn = "Hovudmål", en = "Main goal" }

[[element]]
id = "small.s1"
kind = "section"
parent = "small.h1"
title = { nb = "Del", nn = "Del", en = "Section" }

[[element]]
id = "small.s1.g1"
kind = "goal"
parent = "small.s1"
title = { nb = "Mål", nn = "Mål", en = "Goal" }

[[link]]
source = "small.s1.g1"
target = "small.d1"
kind = "answers"
"""
INDICATORS = """
[[indicator]]
id = "waits"
name = { nb = "Ventetid", nn = "Ventetid", en = "Wait" }
definition = { nb = "Dager", nn = "Dagar", en = "Days" }
unit = "days"
decimals = 0
frequency = "year"
direction = "down"
source = { nb = "Register", nn = "Register", en = "Register" }
responsible = "hmn"
sections = ["small.s1"]
needs = { nb = "Tall", nn = "Tal", en = "Figures" }
"""
GOALS = """
[[decision]]
goal = "small.s1.g1"
indicator = "waits"
place = "hmn"
type = "range"
standing = "illustration"
target_low = 1
target_high = 2.5
deadline = 2030-12-31
source = { nb = "Eksempel", nn = "Døme", en = "Example" }
"""
MEASURES = """
[[measure]]
id = "home-hospital"
title = { nb = "Heime", nn = "Heime", en = "Home" }
text = { nb = "Heime", nn = "Heime", en = "Home" }
organisation = "hmn"
unit_owner = { nb = "Fag", nn = "Fag", en = "Medicine" }
phase = "idea"
start = 2027-01-01
end = 2028-12-31
goals = ["small.s1.g1"]
plans = ["small"]
standing = "illustration"

[[measure.risk]]
text = { nb = "Fare", nn = "Fare", en = "Danger" }
probability = 2
consequence = 5
mitigation = { nb = "Prøv", nn = "Prøv", en = "Try" }
"""
FILES = {
    "organisations.toml": ORGANISATIONS,
    "small.toml": PLAN_FILE,
    "indicators.toml": INDICATORS,
    "goals.toml": GOALS,
    "measures.toml": MEASURES,
}


@pytest.fixture(scope="module")
def content() -> Content:
    return read_content(FOLDER)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A folder with one entry of each kind."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def texts(part: object) -> list[Text]:
    """All texts in three languages below a model, a tuple or a mapping."""
    if isinstance(part, Text):
        return [part]
    if isinstance(part, str | bytes) or part is None:
        return []
    if isinstance(part, dict):
        return [text for item in part.values() for text in texts(item)]
    if isinstance(part, tuple | list):
        return [text for item in part for text in texts(item)]
    return [text for item in vars(part).values() for text in texts(item)] if hasattr(part, "__dict__") else []


# ------------------------------------------------------------------ the regional development plan


def test_the_plan_has_all_that_its_source_has(content: Content) -> None:
    counts = Counter(element.kind for element in content.plan(PLAN).elements)
    assert {
        kind: counts[kind] for kind in ("driver", "main_goal", "section", "goal", "ambition", "annex")
    } == {
        "driver": 7,
        "main_goal": 6,
        "section": 10,
        "goal": 44,
        "ambition": 10,
        "annex": 4,
    }
    assert counts["reference"] == 34
    assert sum(GOALS_BY_SECTION.values()) == 44


@pytest.mark.parametrize("section", GOALS_BY_SECTION)
def test_a_section_has_its_goals_paragraphs_and_ambition(content: Content, section: int) -> None:
    name = f"{PLAN}.s{section}"
    assert content.elements[name].parent == f"{PLAN}.h{MAIN_GOAL_BY_SECTION[section]}"
    goals = [element.id for element in content.of_kind(PLAN, "goal", name)]
    assert goals == [f"{name}.g{number}" for number in range(1, GOALS_BY_SECTION[section] + 1)]
    assert 2 <= len(content.of_kind(PLAN, "paragraph", name)) <= 4
    assert [element.id for element in content.of_kind(PLAN, "ambition", name)] == [f"{name}.a"]


def test_the_ambition_of_two_paragraphs_has_two(content: Content) -> None:
    ambition = content.elements[f"{PLAN}.s9.a"]
    assert ambition.text is not None
    assert {len(ambition.text.paragraphs(language)) for language in ("nb", "nn", "en")} == {2}


def test_every_goal_answers_a_driver_and_every_driver_is_answered(content: Content) -> None:
    answers = [link for link in content.plan(PLAN).links if link.kind == "answers"]
    assert {link.source for link in answers} == {goal.id for goal in content.of_kind(PLAN, "goal")}
    assert {link.target for link in answers} == {driver.id for driver in content.of_kind(PLAN, "driver")}


def test_the_people_of_the_plan_are_those_of_the_region_package(content: Content) -> None:
    text = content.elements[f"{PLAN}.d1"].text
    assert text is not None
    with (REGION / "tables" / "controls.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["control_set"] == "trust" and row["share_65_plus"]]
    people = {f"{int(row['persons']):,}" for row in rows if row["year"] in {"2025", "2040"}}
    assert len(people) == 8
    assert people <= set(re.findall(r"\d{2,3},\d{3}", text["en"]))
    assert people <= {
        number.replace("\u202f", ",") for number in re.findall("\\d{2,3}\u202f\\d{3}", text["nb"])
    }


def test_numbers_are_written_the_norwegian_way(content: Content) -> None:
    said = [text[language] for text in texts(content.plan(PLAN)) for language in ("nb", "nn")]
    assert not [text for text in said if re.search(r"\d [%]|\d%|\d{2,3} \d{3}\b", text)]


def test_the_plan_hangs_in_the_hierarchy(content: Content) -> None:
    assert content.plan(PLAN).plan.parent == "strategi-2030"
    assert content.plan("mappe-2030").plan.parent == "strategi-2030"
    assert content.plan("nasjonal-2024").plan.kind == "national_plan"
    assert content.plan(PLAN).version.state == "consultation"
    means = content.of_kind("mappe-2030", "means")
    assert [element.id for element in means] == [f"mappe-2030.m{number}" for number in range(1, 5)]


def test_the_trusts_have_the_numbers_of_the_region_package(content: Content) -> None:
    with (REGION / "tables" / "trusts.csv").open(encoding="utf-8", newline="") as file:
        known = {row["trust"]: row["org_number"] for row in csv.DictReader(file)}
    trusts = {entry.id: entry.org_number for entry in content.organisations if entry.kind == "trust"}
    assert trusts == known
    assert [entry.id for entry in content.organisations if entry.org_number and entry.kind != "trust"] == []
    assert {"hemit", "sykehusapotekene", "helseplattformen"} <= {entry.id for entry in content.organisations}


# ------------------------------------------------------------------ all files of the region


def test_the_region_is_whole() -> None:
    assert read_content(FOLDER, whole=True).missing_files == ()


# Words that only one of the two Norwegian forms has.
ONLY_NB = {
    "ikke",
    "fra",
    "jeg",
    "hvor",
    "hvordan",
    "hva",
    "være",
    "tjeneste",
    "tjenester",
    "tjenestene",
    "sykehus",
}
ONLY_NN = {
    "ikkje",
    "frå",
    "eg",
    "kor",
    "korleis",
    "kva",
    "vere",
    "teneste",
    "tenester",
    "tenestene",
    "sjukehus",
}


def test_each_text_is_in_its_own_language(content: Content) -> None:
    parts = [
        *content.organisations,
        *content.decisions,
        *content.measures,
        *content.indicators,
        *content.links,
    ]
    parts += [part for file in content.plans for part in (file.plan, file.version)]
    parts += [part for file in content.plans for part in file.elements if part.kind != "reference"]
    found = [(part, text) for part in parts for text in texts(part)]
    assert len(found) > 500

    def words(text: str) -> set[str]:
        # A title in quotation marks stays as it is printed.
        return set(re.findall(r"\w+", re.sub(r"«[^»]*»", "", text).lower()))

    norwegian = {"og", "ikke", "ikkje", "fra", "frå", "skal", "som", "på"}
    assert [text.nb for _, text in found if words(text.nb) & ONLY_NN] == []
    assert [text.nn for _, text in found if words(text.nn) & ONLY_NB] == []
    english = [text.en for _, text in found if len(words(text.en) & norwegian - {"og"}) > 0]
    assert english == []
    long = [text for _, text in found if len(text.nb) > 80]
    assert [text.nn for text in long if text.nn == text.nb] == []
    assert [text.en for text in long if text.en == text.nb] == []


def word_runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", re.sub(r"[-\u00ad]\n", "", text).lower())
    return {tuple(words[start : start + RUN]) for start in range(len(words) - RUN + 1)}


def test_word_runs_cross_lines_and_punctuation() -> None:
    assert word_runs("En, to tre fire.\nFem seks sju åt-\nte ni") == {
        ("en", "to", "tre", "fire", "fem", "seks", "sju", "åtte"),
        ("to", "tre", "fire", "fem", "seks", "sju", "åtte", "ni"),
    }


def test_no_sentence_is_the_source_s() -> None:
    given = os.environ.get("FRAMSYN_SEEDS")
    if not given:
        pytest.skip("FRAMSYN_SEEDS does not name a folder with the source documents")
    theirs: set[tuple[str, ...]] = set()
    sources = [path for path in sorted(Path(given).iterdir()) if path.is_file()]
    for path in sources:
        theirs |= word_runs(path.read_text(encoding="utf-8"))
    assert sources
    assert len(theirs) > 5_000
    content = read_content(FOLDER)
    # Titles of documents are printed as they are.
    titles: set[tuple[str, ...]] = set()
    for element in content.of_kind(PLAN, "reference"):
        titles |= word_runs(element.title.nb)
    said = [text for part in vars(content).values() for text in texts(part)]
    copied = {
        " ".join(run)
        for text in said
        for language in ("nb", "nn", "en")
        for run in (word_runs(text[language]) - titles) & theirs
    }
    assert copied == set()


# ------------------------------------------------------------------ what is refused


def test_a_sound_folder_is_read(small: Path) -> None:
    content = read_content(small, whole=True)
    assert [file.plan.id for file in content.plans] == ["small"]
    assert content.decisions[0].target_low == 1
    assert content.measures[0].risks[0].consequence == 5
    assert content.of_kind("small", "goal", "small.s1")[0].title["nn"] == "Mål"


REFUSED = [
    # file, text, what stands there instead, code, parts of the message
    (
        "small.toml",
        'kind = "answers"',
        'kind = "answers"\nnotes = "x"',
        "unknown-key",
        ["notes", '"note"', "link"],
    ),
    (
        "small.toml",
        'nn = "Mål", en',
        "en",
        "language-missing",
        ['element "small.s1.g1"', "title.nn", "Add nn"],
    ),
    ("small.toml", 'en = "Age"', 'en = " "', "empty-text", ["small.d1", "title.en"]),
    ("small.toml", 'nb = "Kort"', 'nb = "Kort\\n\\nTo"', "unequal-paragraphs", ["nb 2, nn 1", "blank line"]),
    ("small.toml", 'id = "small.s1"', 'id = "small.h1"', "duplicate-id", ["small.h1", "line 26"]),
    ("small.toml", 'id = "small.d1"', 'id = "other.d1"', "bad-name", ['begins with its plan, "small."']),
    ("small.toml", 'id = "small.d1"', 'id = "small.D1"', "bad-name", ["small.D1"]),
    (
        "small.toml",
        'parent = "small.s1"',
        'parent = "small.s2"',
        "unknown-parent",
        ['Did you mean "small.s1"?'],
    ),
    ("small.toml", 'parent = "small.h1"', 'parent = "small.s1.g1"', "wrong-order", ["above its children"]),
    (
        "small.toml",
        'parent = "small.s1"',
        'parent = "small.d1"',
        "wrong-kind",
        ["section or main_goal", "driver"],
    ),
    (
        "small.toml",
        'target = "small.d1"',
        'target = "small.d2"',
        "unknown-element",
        ['Did you mean "small.d1"?'],
    ),
    (
        "small.toml",
        'target = "small.d1"',
        'target = "small.s1"',
        "wrong-kind",
        ["kind section", "driver or challenge"],
    ),
    ("small.toml", 'kind = "answers"', 'kind = "replies"', "unknown-kind", ["replies", "'answers'"]),
    ("small.toml", 'kind = "answers"', 'kind = "figure"', "wrong-kind", ["indicator"]),
    ("small.toml", 'target = "small.d1"', 'target = "small.s1.g1"', "wrong-kind", ["kind goal"]),
    ("small.toml", '= "hmn"', '= "hmm"', "unknown-organisation", ["plan", 'Did you mean "hmn"?']),
    ("small.toml", "[2027, 2040]", "[2040, 2027]", "wrong-order", ["period", "Swap"]),
    ("small.toml", "[2027, 2040]", '["2027", 2040]', "int_type", ["period"]),
    ("small.toml", 'id = "small"', 'id = "large"', "wrong-file", ['"large.toml"']),
    ("small.toml", "[version]", "[version", "not-toml", ["small.toml", "Mend"]),
    ("organisations.toml", "[[organisation]]", "[[organization]]", "unknown-key", ["[[organisation]]"]),
    (
        "organisations.toml",
        'kind = "health',
        'parent = "x"\nkind = "health',
        "unknown-organisation",
        ["parent"],
    ),
    ("indicators.toml", '"hmn"', '"hmm"', "unknown-organisation", ['indicator "waits"', "responsible"]),
    ("indicators.toml", '["small.s1"]', '["small.s9"]', "unknown-element", ["sections", "small.s9"]),
    ("indicators.toml", '["small.s1"]', '["small.s1.g1"]', "wrong-kind", ["kind goal", "section"]),
    ("indicators.toml", "needs =", "licence = 'x' #", "key-missing", ["needs"]),
    ("goals.toml", '"waits"', '"weights"', "unknown-indicator", ['"waits"', "goals.toml"]),
    ("goals.toml", '"small.s1.g1"', '"small.d1"', "wrong-kind", ["kind driver"]),
    ("goals.toml", "target_low = 1", "target_low = 3", "wrong-order", ["3 and 2.5"]),
    ("goals.toml", "target_low = 1", "", "key-missing", ["target_low", '"range"']),
    ("goals.toml", '"illustration"', '"decided"', "key-missing", ["decided_by"]),
    ("goals.toml", "2030-12-31", '"2030-12-31"', "wrong-type", ["without quotes"]),
    ("measures.toml", "end = 2028", "end = 2026", "wrong-order", ["home-hospital"]),
    ("measures.toml", "consequence = 5", "consequence = 6", "less_than_equal", ["risk.consequence", "got 6"]),
    ("measures.toml", '["small"]', '["smal"]', "", ["smal.toml"]),
    ("measures.toml", 'phase = "idea"', 'phase = "thought"', "unknown-phase", ["'under_way'"]),
]


@pytest.mark.parametrize(("file", "old", "new", "code", "parts"), REFUSED)
def test_a_fault_is_told_with_its_place(
    small: Path, file: str, old: str, new: str, code: str, parts: list[str]
) -> None:
    path = small / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        read_content(small, whole=True)
    error = caught.value
    assert error.code == (code or "file-missing")
    assert file in str(error) or error.code == "file-missing"
    assert [part for part in parts if part not in str(error)] == []
    if error.code not in {"not-toml", "file-missing"}:
        assert {"file", "row", "entry", "got", "expected", "way_out"} <= set(error.data)


def test_a_reference_to_a_file_that_is_not_there_yet_is_named(small: Path) -> None:
    (small / "indicators.toml").unlink()
    assert read_content(small).missing_files == ("indicators.toml",)
    with pytest.raises(PlanError, match=r"indicators\.toml"):
        read_content(small, whole=True)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="no such folder"):
        read_content(tmp_path / "none")


def test_a_link_is_said_once(small: Path) -> None:
    text = PLAN_FILE + PLAN_FILE[PLAN_FILE.index("[[link]]") :]
    (small / "small.toml").write_text(text, encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        read_content(small)
    assert caught.value.code == "duplicate-link"


def test_an_unknown_plan_is_refused_with_the_nearest(small: Path) -> None:
    with pytest.raises(PlanError, match='Did you mean "small"'):
        read_content(small).plan("smal")


def test_content_needs_no_web_framework(tmp_path: Path) -> None:
    import subprocess
    import sys

    shutil.copytree(FOLDER, tmp_path / "plan")
    code = (
        "import sys\nfrom framsyn.web.plan.content import read_content\n"
        f"assert len(read_content({str(tmp_path / 'plan')!r}).plans) > 3\n"
        "assert 'django' not in sys.modules\n"
    )
    source = str(Path(__file__).resolve().parents[2] / "src")
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": source},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
