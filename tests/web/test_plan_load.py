"""Loading the demo content: complete, once, and never over what people have done."""

from __future__ import annotations

import shutil

import pytest

from framsyn.web.actions import Actor, NotAllowed
from framsyn.web.goals.models import Choice, GoalDecision
from framsyn.web.indicators.models import Indicator, Observation
from framsyn.web.measures.models import Measure
from framsyn.web.operations.demo import content_folder
from framsyn.web.operations.load import load_content
from framsyn.web.plan import actions, versions
from framsyn.web.plan.canonical import digest_of
from framsyn.web.plan.models import Element, Link, Plan, Version

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")


@pytest.fixture
def changed_folder(tmp_path):
    """Return a copy of the content in which the title of one status note's challenge and of one plan differ."""
    folder = tmp_path / "midt-norge" / "plan"
    shutil.copytree(content_folder(), folder)
    for name in ("datapackage.json",):
        shutil.copy(content_folder().parent / name, folder.parent / name)
    path = folder / "notat-samhandling.toml"
    text = path.read_text(encoding="utf-8")
    assert "Joint teams for those who use most" in text
    path.write_text(
        text.replace("Joint teams for those who use most", "Joint teams, renamed"), encoding="utf-8"
    )
    return folder


def test_everything_in_the_files_is_on_the_site(content):
    assert Plan.objects.count() == len(content.plans)
    assert Element.objects.count() == len(content.elements)
    assert Indicator.objects.count() == len(content.indicators)
    assert Measure.objects.count() == len(content.measures)
    assert GoalDecision.objects.count() == len(content.decisions)
    between = [
        link for link in content.links if link.source in content.elements and link.target in content.elements
    ]
    assert Link.objects.count() == len(between) > 0
    assert Choice.objects.count() == sum(element.kind == "choice" for element in content.elements.values())
    filled = {entry.id for entry in content.indicators if entry.data}
    assert set(Observation.objects.values_list("indicator_id", flat=True)) == filled


def test_loaded_versions_are_frozen_under_their_digest(content):
    for file in content.plans:
        version = Version.objects.get(plan=file.plan.id)
        assert version.state == file.version.state
        assert version.digest == digest_of(version)


def test_a_second_load_changes_nothing(content):
    report = load_content(SYSTEM, content_folder())
    assert (report.loaded, report.kept, report.gone) == ([], [], [])
    assert Version.objects.count() == len(content.plans)


def test_new_content_of_a_plan_becomes_its_next_version(content, changed_folder):
    before = digest_of(Version.objects.get(plan="notat-samhandling"))
    report = load_content(SYSTEM, changed_folder)
    assert report.loaded == ["plan notat-samhandling"]
    first, second = Version.objects.filter(plan="notat-samhandling").order_by("number")
    assert digest_of(first) == first.digest == before
    node = second.nodes.select_related("wording").get(element="notat-samhandling.k1")
    assert node.wording.title["en"] == "Joint teams, renamed"


def test_what_people_have_worked_on_is_kept_and_named(content, changed_folder, editor, acting):
    draft = versions.open_version(acting(editor), Plan.objects.get(pk="notat-samhandling"))
    actions.change_text(acting(editor), draft, 0, "notat-samhandling.k1", title={"nb": "Vårt"}, text={})
    for _again in range(2):
        report = load_content(SYSTEM, changed_folder)
        assert (report.loaded, report.kept) == ([], ["plan notat-samhandling"])
    assert Version.objects.filter(plan="notat-samhandling").count() == 2
    assert draft.nodes.select_related("wording").get(element="notat-samhandling.k1").wording.title == {
        "nb": "Vårt"
    }


def test_only_administrators_load(changed_folder, editor, acting):
    with pytest.raises(NotAllowed):
        load_content(acting(editor), changed_folder)
