"""Changes to measures: what cannot be true of them, who may make them, and what the log keeps."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.utils import timezone, translation

from framsyn.errors import PlanError
from framsyn.web.accounts.models import Organisation
from framsyn.web.actions import Actor, NotAllowed
from framsyn.web.audit.models import Entry
from framsyn.web.locking import last_change
from framsyn.web.measures import actions, parts
from framsyn.web.measures.models import Assignment, Measure, Task
from framsyn.web.plan.models import Element

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
MOST_QUERIES = 15
TODAY = datetime.date(2026, 11, 22)


@pytest.fixture
def trust() -> Organisation:
    return Organisation.objects.get(pk="sto")


@pytest.fixture
def measure(trust: Organisation) -> Measure:
    return actions.create(SYSTEM, {"nb": "Prøvetiltak", "en": "Trial measure"}, trust)


def last_entry() -> Entry:
    return Entry.objects.latest("id")


def test_a_new_measure_gets_an_id_an_owner_and_an_entry(trust: Organisation) -> None:
    made = actions.create(
        SYSTEM, {"nb": "Årets løft"}, trust, owner_unit={"nb": "Klinikksjef"}, start=TODAY, cost=1.5
    )
    assert made.pk == "arets-loft"
    again = actions.create(SYSTEM, {"nb": "Årets løft"}, trust)
    assert again.pk == "arets-loft-2"
    owner = made.assignments.get()
    assert (owner.role, owner.organisation_id, dict(owner.unit)) == ("owner", "sto", {"nb": "Klinikksjef"})
    entry = Entry.objects.get(object_type="measures.measure", object_id="arets-loft")
    assert entry.before is None
    assert entry.after["cost"] == 1.5
    assert entry.after["start"] == "2026-11-22"


def test_no_measure_takes_the_address_of_the_form(trust: Organisation) -> None:
    assert actions.create(SYSTEM, {"en": "New"}, trust).pk == "new-2"
    with pytest.raises(PlanError, match="taken") as refused:
        actions.create(SYSTEM, {"en": "Any"}, trust, id="new")
    assert refused.value.code == "id-taken"


def test_a_change_logs_what_was_and_what_is_and_nothing_else(measure: Measure) -> None:
    goal = Element.objects.get(pk="rup-2027.s1.g2")
    actions.change(SYSTEM, measure, cost=12.0, goals=[goal])
    entry = last_entry()
    assert entry.action == "measure.change"
    assert entry.before == {"cost": None, "goals": []}
    assert entry.after == {"cost": 12.0, "goals": ["rup-2027.s1.g2"]}
    with pytest.raises(PlanError) as refused:
        actions.change(SYSTEM, measure, cost=12.0)
    assert refused.value.code == "nothing-changed"


@pytest.mark.parametrize(
    ("given", "code", "way_out"),
    [
        ({"start": TODAY, "end": TODAY - datetime.timedelta(1)}, "end-before-start", "Move one of them"),
        ({"cost": -1.0}, "negative", "from 0 upwards"),
        ({"fte": -0.5}, "negative", "from 0 upwards"),
        ({"cost": float("nan")}, "negative", "from 0 upwards"),
        ({"assumption": "no_such_thing"}, "unknown-assumption", "home_hospital"),
        ({"title": {"nb": ""}}, "text-missing", "at least"),
    ],
)
def test_what_cannot_be_true_is_refused_with_a_way_out(
    measure: Measure, given: dict[str, Any], code: str, way_out: str
) -> None:
    before = Entry.objects.count()
    with translation.override("en"), pytest.raises(PlanError, match=way_out) as refused:
        actions.change(SYSTEM, measure, **given)
    assert refused.value.code == code
    assert refused.value.data["field"] in {*given, "end"}
    assert Entry.objects.count() == before


def test_measures_cannot_wait_for_each_other(trust: Organisation) -> None:
    first, second, third = (actions.create(SYSTEM, {"en": name}, trust) for name in ("One", "Two", "Three"))
    actions.change(SYSTEM, first, depends_on=[second])
    actions.change(SYSTEM, second, depends_on=[third])
    with translation.override("en"), pytest.raises(PlanError, match="Three → One → Two → Three") as refused:
        actions.change(SYSTEM, third, depends_on=[first])
    assert refused.value.code == "dependency-cycle"
    with pytest.raises(PlanError):
        actions.change(SYSTEM, third, depends_on=[third])
    assert not third.depends_on.exists()


def test_what_others_saved_meanwhile_is_not_overwritten(measure: Measure) -> None:
    seen = last_change(measure)
    actions.change(SYSTEM, measure, cost=1.0, seen=seen)
    with pytest.raises(PlanError) as refused:
        actions.change(SYSTEM, measure, cost=2.0, seen=seen)
    assert refused.value.code == "stale"
    assert refused.value.data["theirs"] == {"cost": 1.0}
    assert Measure.objects.get(pk=measure.pk).cost == 1.0


def test_a_report_sets_status_phase_and_tasks_at_once(measure: Measure) -> None:
    done, undone = (parts.task(SYSTEM, measure, title={"en": name}) for name in ("Plan", "Do"))
    actions.report(SYSTEM, measure, status="on_plan", phase="under_way", done=[done], text=" Fine. ")
    said = measure.reports.get()
    assert (said.status, said.text, said.date) == ("on_plan", "Fine.", timezone.localdate())
    assert Task.objects.get(pk=done.pk).done_on == timezone.localdate()
    assert Task.objects.get(pk=undone.pk).done_on is None
    assert Measure.objects.get(pk=measure.pk).phase == "under_way"
    entry = last_entry()
    assert entry.before == {"phase": "idea", "status": None}
    assert entry.after["done"] == ["Plan"]


def test_a_report_says_why_when_it_does_not_go_well(measure: Measure) -> None:
    with pytest.raises(PlanError) as refused:
        actions.report(SYSTEM, measure, status="stuck", text="  ")
    assert refused.value.data["field"] == "text"
    assert not measure.reports.exists()


def test_nothing_is_completed_with_open_tasks(measure: Measure) -> None:
    task = parts.task(SYSTEM, measure, title={"nb": "Åpne plasser"})
    with pytest.raises(PlanError, match="Åpne plasser") as refused:
        actions.report(SYSTEM, measure, status="on_plan", phase="completed")
    assert refused.value.code == "open-tasks"
    actions.report(SYSTEM, measure, status="on_plan", phase="completed", done=[task])
    assert Measure.objects.get(pk=measure.pk).phase == "completed"


def test_a_report_is_not_of_tomorrow_nor_of_another_measures_tasks(
    measure: Measure, trust: Organisation
) -> None:
    other = actions.create(SYSTEM, {"en": "Other"}, trust)
    foreign = parts.task(SYSTEM, other, title={"en": "Foreign"})
    for given, code in (
        ({"date": timezone.localdate() + datetime.timedelta(1)}, "day-to-come"),
        ({"done": [foreign]}, "foreign-task"),
        ({"phase": "paused"}, "unknown-phase"),
    ):
        with pytest.raises(PlanError) as refused:
            actions.report(SYSTEM, measure, status="on_plan", **given)
        assert refused.value.code == code


def test_a_new_owner_ends_the_one_before(measure: Measure, trust: Organisation, editor: Any) -> None:
    def day(number: int) -> datetime.date:
        return datetime.date(2026, 1, number)

    first = actions.assign(
        SYSTEM, measure, role="owner", organisation=trust, unit={"en": "Clinic"}, valid_from=day(1)
    )
    actions.assign(SYSTEM, measure, role="deputy", organisation=trust, unit={"en": "Ward"}, valid_from=day(2))
    second = actions.assign(
        SYSTEM, measure, role="owner", organisation=trust, person=editor, valid_from=day(10)
    )
    first.refresh_from_db()
    assert first.valid_to == day(9)
    assert second.valid_to is None
    assert measure.assignments.filter(role="deputy", valid_to=None).count() == 1
    # again from the same day: it takes the place of the one before, and the log keeps what that was
    actions.assign(SYSTEM, measure, role="owner", organisation=trust, unit={"en": "Unit"}, valid_from=day(10))
    assert not Assignment.objects.filter(pk=second.pk).exists()
    assert last_entry().before[0]["person"] == editor.get_username()
    on_any_day = measure.assignments.filter(role="owner")
    for number in range(1, 28):
        held = [one for one in on_any_day if one.valid_from <= day(number) <= (one.valid_to or day(28))]
        assert len(held) == 1


def test_owner_refusals(measure: Measure, trust: Organisation, editor: Any) -> None:
    day = datetime.date(2026, 3, 1)
    actions.assign(SYSTEM, measure, role="owner", organisation=trust, unit={"en": "Clinic"}, valid_from=day)
    editor.is_active = False
    editor.save()
    earlier = day - datetime.timedelta(30)
    for given, code in (
        ({"valid_from": day}, "nobody"),
        ({"valid_from": day, "person": editor}, "has-left"),
        ({"valid_from": day, "unit": {"en": "X"}, "valid_to": earlier}, "end-before-start"),
        ({"valid_from": earlier, "unit": {"en": "X"}}, "owner-twice"),
    ):
        with pytest.raises(PlanError) as refused:
            actions.assign(SYSTEM, measure, role="owner", organisation=trust, **given)
        assert refused.value.code == code
    actions.assign(
        SYSTEM,
        measure,
        role="owner",
        organisation=trust,
        unit={"en": "X"},
        valid_from=earlier,
        valid_to=day - datetime.timedelta(1),
    )


def test_parts_are_added_changed_and_taken_away_with_a_trace(measure: Measure, trust: Organisation) -> None:
    benefit = parts.benefit(SYSTEM, measure, kind="fte", year=2030, planned=4.0)
    parts.benefit(SYSTEM, measure, benefit=benefit, kind="fte", year=2030, planned=4.0, realised=1.0)
    assert last_entry().before["benefit"]["realised"] is None
    assert last_entry().after["benefit"]["realised"] == 1.0
    with pytest.raises(PlanError) as refused:
        parts.benefit(SYSTEM, measure, kind="fte", year=2030, planned=9.0)
    assert refused.value.code == "benefit-twice"
    parts.benefit(SYSTEM, measure, benefit=benefit, removed=True)
    assert last_entry().before["benefit"]["planned"] == 4.0
    assert last_entry().after == {"benefit": None}
    assert not measure.benefits.exists()

    risk = parts.risk(SYSTEM, measure, text={"en": "Rain"}, probability=5, consequence=5)
    parts.risk(SYSTEM, measure, risk=risk, text={"en": "Rain"}, probability=1, consequence=5, closed=True)
    assert measure.risks.get().closed_on == timezone.localdate()
    for probability, consequence in ((0, 3), (3, 6)):
        with pytest.raises(PlanError) as refused:
            parts.risk(SYSTEM, measure, text={"en": "X"}, probability=probability, consequence=consequence)
        assert refused.value.code == "risk-off-scale"

    other = actions.create(SYSTEM, {"en": "Other"}, trust)
    with pytest.raises(PlanError) as refused:
        parts.risk(SYSTEM, other, risk=risk, text={"en": "X"}, probability=1, consequence=1)
    assert refused.value.code == "foreign-part"
    with pytest.raises(PlanError) as refused:
        parts.benefit(SYSTEM, measure, kind="fte", year=30, planned=1.0)
    assert refused.value.code == "year-out-of-range"


def test_an_editor_of_one_trust_changes_only_its_measures(
    person: Any, acting: Any, trust: Organisation
) -> None:
    mine = acting(person("editor", trust))
    other = Organisation.objects.get(pk="hmr")
    made = actions.create(mine, {"en": "Mine"}, trust)
    with pytest.raises(NotAllowed):
        actions.create(mine, {"en": "Theirs"}, other)
    with pytest.raises(NotAllowed):
        actions.change(mine, made, organisation=other)
    assert Measure.objects.get(pk=made.pk).organisation_id == "sto"
