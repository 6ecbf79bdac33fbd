"""The workbook there and back: what is not changed stays, what is changed is shown, checked, and done as a whole."""

from __future__ import annotations

import datetime
from typing import Any

import openpyxl
import pytest
from workbooks import Changed, checked, written

from framsyn.errors import PlanError
from framsyn.web.actions import Actor
from framsyn.web.audit.models import Entry
from framsyn.web.exchange.applying import apply
from framsyn.web.exchange.kinds import KINDS
from framsyn.web.exchange.rows import held
from framsyn.web.goals.models import GoalDecision
from framsyn.web.indicators.models import Indicator, Observation
from framsyn.web.languages import LANGUAGES
from framsyn.web.measures.actions import change as change_measure
from framsyn.web.measures.actions import report
from framsyn.web.measures.models import Benefit, Measure, Risk, Task

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")


def one_measure() -> Measure:
    found = Measure.objects.filter(tasks__isnull=False, risks__isnull=False).first()
    assert found is not None
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_untouched_workbook_changes_nothing(language: str) -> None:
    book = written(language)
    reading, found = checked(book.bytes, SYSTEM)
    assert (found.changes, found.errors, found.notices) == ([], [], [])
    assert found.unchanged == len(reading.rows) == sum(len(held(kind)) for kind in KINDS)
    assert found.unchanged > 1_000


def test_heads_tell_a_column_in_every_language() -> None:
    for kind in KINDS.values():
        heads: dict[str, set[str]] = {}
        for column in kind.columns:
            for language in LANGUAGES:
                heads.setdefault(column.title(language).casefold(), set()).add(column.name)
        assert {head: names for head, names in heads.items() if len(names) > 1} == {}


def test_a_change_of_every_kind_is_shown_and_done() -> None:
    measure = one_measure()
    task, risk = measure.tasks.first(), measure.risks.first()
    benefit = Benefit.objects.first()
    row = Observation.objects.get(
        pk=next(one.id for one in held("observations") if one.values["unit"] == "share")
    )
    decision = next(
        one
        for one in held("goals")
        if one.values["type"] == "reach_at_most" and one.values["target"] and one.values["deadline"] > "2027"
    )
    book = written("nb")
    book.put("measures", measure.pk, "title.nb", "Et nytt navn")
    book.put("measures", measure.pk, "end", datetime.datetime(2039, 5, 17))
    book.put("measures", measure.pk, "phase", "Under arbeid" if measure.phase != "under_way" else "idea")
    book.put("measures", measure.pk, "cost", "1 234,5")
    book.put("tasks", task.pk, "due", "17.05.2031")
    book.put("benefits", benefit.pk, "realised", 2)
    book.put("risks", risk.pk, "probability", 5 if risk.probability != 5 else 4)
    book.put("observations", row.pk, "value", "13,5 %")
    book.put("observations", row.pk, "numerator", None)
    book.put("observations", row.pk, "reason", "Counted anew")
    book.put("goals", decision.id, "target", decision.values["target"] * 0.9)
    book.put("goals", decision.id, "reason", "The board wants more")
    book.put("indicators", "beds-somatic", "licence", "Free")
    if measure.phase != "under_way":
        book.put("measures", measure.pk, "phase", "under_way")
    reading, found = checked(book.bytes, SYSTEM)
    assert [str(error) for error in found.errors] == []
    assert found.counts == {"new": 0, "changed": 7, "removed": 0, "stale": 0, "refused": 0, "wrong": 0}
    assert Measure.objects.get(pk=measure.pk).title == measure.title, "the trial is undone"
    before = Entry.objects.count()
    apply(SYSTEM, reading, found.digest)
    measure.refresh_from_db()
    assert (measure.title["nb"], measure.end, measure.cost) == (
        "Et nytt navn",
        datetime.date(2039, 5, 17),
        1234.5,
    )
    assert Task.objects.get(pk=task.pk).due == datetime.date(2031, 5, 17)
    assert Benefit.objects.get(pk=benefit.pk).realised == 2
    corrected = Observation.objects.get(
        indicator=row.indicator,
        place=row.place,
        period_end=row.period_end,
        period_start=row.period_start,
        current=True,
    )
    assert (corrected.value, corrected.revision) == (0.135, row.revision + 1)
    superseding = GoalDecision.objects.get(supersedes=int(decision.id))
    assert superseding.target == decision.values["target"] * 0.9
    assert superseding.decided_by == GoalDecision.objects.get(pk=decision.id).decided_by
    assert Indicator.objects.get(pk="beds-somatic").licence == "Free"
    assert Entry.objects.count() == before + 7
    # And the same workbook once more: its rows are done, nothing is left to do.
    _, again = checked(book.bytes, SYSTEM)
    assert again.changes == [] or {change.kind for change in again.changes} <= {"observations"}


def test_new_rows_of_every_kind() -> None:
    goal = held("goals")[0].values
    book = written("en")
    book.add(
        "indicators",
        id="tests-made",
        name_en="Made",
        definition_en="What tests make",
        unit="persons",
        decimals=0,
        frequency="yearly",
        direction="higher is better",
        source_en="Tests",
        responsible="hmn",
    )
    book.add(
        "observations",
        indicator="tests-made",
        place="hmn",
        period_start=datetime.date(2025, 1, 1),
        period_end=datetime.date(2025, 12, 31),
        value=1200,
    )
    book.add(
        "goals",
        goal=goal["goal"],
        place="hmn",
        indicator="tests-made",
        type="reach at least",
        target=1500,
        deadline=datetime.date(2035, 12, 31),
        standing="proposed",
    )
    book.add(
        "measures",
        id="tests-work",
        title_nb="Nytt tiltak",
        organisation="hmn",
        phase="idea",
        standing="decided",
        plans="rup-2027",
    )
    book.add("tasks", measure="tests-work", title_nb="Først dette", due=datetime.date(2028, 1, 1))
    book.add("benefits", measure="tests-work", kind="hours", year=2030, planned=100)
    book.add("risks", measure="tests-work", text_nb="Det kan gå galt", probability=2, consequence=5)
    reading, found = checked(book.bytes, SYSTEM)
    assert [str(error) for error in found.errors] == []
    assert found.counts["new"] == len(found.changes) == 7
    apply(SYSTEM, reading, found.digest)
    measure = Measure.objects.get(pk="tests-work")
    assert [measure.tasks.count(), measure.benefits.count(), measure.risks.count()] == [1, 1, 1]
    assert Observation.objects.get(indicator="tests-made").value == 1200
    assert GoalDecision.objects.get(indicator="tests-made").target == 1500


def test_a_part_is_taken_away_only_where_somebody_says_so() -> None:
    measure = one_measure()
    task = measure.tasks.first()
    book = written("en")
    book.put("tasks", task.pk, "remove", "yes")
    book.sheet("measures").delete_rows(book.row("measures", measure.pk))
    reading, found = checked(book.bytes, SYSTEM)
    assert [(change.status, change.id) for change in found.changes] == [("removed", str(task.pk))]
    apply(SYSTEM, reading, found.digest)
    assert not Task.objects.filter(pk=task.pk).exists()
    assert Measure.objects.filter(pk=measure.pk).exists()


# ---------------------------------------------------------------- two people
def test_what_others_have_changed_is_neither_taken_back_nor_overwritten() -> None:
    measure = one_measure()
    book = written("en")
    untouched = book.bytes
    book.put("measures", measure.pk, "title.en", "Mine")
    change_measure(SYSTEM, measure, title={"nb": "Deres", "en": "Theirs"})
    _, found = checked(untouched, SYSTEM)
    assert found.changes == [], "an untouched row never takes back what others did"
    reading, found = checked(book.bytes, SYSTEM)
    assert found.counts["stale"] == len(found.changes) == 1
    cells = {cell.column: (cell.before, cell.after) for cell in found.changes[0].cells}
    assert cells == {"title.en": ("Theirs", "Mine")}
    with pytest.raises(PlanError) as refused:
        apply(SYSTEM, reading, found.digest)
    assert refused.value.code == "rows-waiting"
    assert Measure.objects.get(pk=measure.pk).title == {"nb": "Deres", "en": "Theirs"}


def test_what_others_did_elsewhere_in_the_row_stays() -> None:
    measure = one_measure()
    book = written("en")
    book.put("measures", measure.pk, "end", datetime.date(2038, 1, 1))
    report(SYSTEM, measure, status="on_plan")
    change_measure(SYSTEM, measure, title={"nb": "Deres"})
    reading, found = checked(book.bytes, SYSTEM)
    assert [[cell.column for cell in change.cells] for change in found.changes] == [["end"]]
    apply(SYSTEM, reading, found.digest)
    measure.refresh_from_db()
    assert (measure.title, measure.end) == ({"nb": "Deres"}, datetime.date(2038, 1, 1))


def test_without_its_check_sums_a_row_is_stale_by_its_last_change() -> None:
    measure = one_measure()
    book = written("en")
    book.put("measures", measure.pk, "base", None)
    book.put("measures", measure.pk, "end", datetime.date(2038, 1, 1))
    assert checked(book.bytes, SYSTEM)[1].counts["changed"] == 1
    report(SYSTEM, measure, status="on_plan")
    assert checked(book.bytes, SYSTEM)[1].counts["stale"] == 1


def test_what_is_done_is_what_was_shown() -> None:
    measure = one_measure()
    book = written("en")
    book.put("measures", measure.pk, "end", datetime.date(2038, 1, 1))
    reading, found = checked(book.bytes, SYSTEM)
    change_measure(SYSTEM, measure, end=datetime.date(2037, 1, 1))
    before = Entry.objects.count()
    with pytest.raises(PlanError) as refused:
        apply(SYSTEM, reading, found.digest)
    assert refused.value.code == "difference-moved"
    assert Entry.objects.count() == before


def test_rows_of_others_are_refused_and_can_be_left_out(person: Any, acting: Any) -> None:
    from framsyn.web.accounts.models import Organisation

    own, other = (
        Measure.objects.filter(organisation="sto").first(),
        Measure.objects.exclude(organisation="sto").first(),
    )
    assert own is not None and other is not None
    actor = acting(person("owner", Organisation.objects.get(pk="sto")))
    book = written("en")
    book.put("measures", own.pk, "end", datetime.date(2039, 1, 1))
    book.put("measures", other.pk, "end", datetime.date(2039, 1, 1))
    reading, found = checked(book.bytes, actor)
    assert {change.id: change.status for change in found.changes} == {own.pk: "changed", other.pk: "refused"}
    apply(actor, reading, found.digest, leave_out=True)
    own.refresh_from_db()
    assert own.end == datetime.date(2039, 1, 1)
    assert Measure.objects.get(pk=other.pk).end == other.end
    assert Entry.objects.latest("id").actor == actor.user


# ---------------------------------------------------------------- wrong cells
def test_every_wrong_cell_is_told_at_once_with_the_way_out() -> None:
    measure = one_measure()
    task, risk = measure.tasks.first(), measure.risks.first()
    book = written("en")
    wrong = {
        ("measures", measure.pk, "end", "31.02.2027"): "expected a date, got “31.02.2027”; write 2027-02-28",
        (
            "measures",
            measure.pk,
            "cost",
            "a lot",
        ): "expected a number, got “a lot”; write digits, such as 1234.5",
        (
            "measures",
            measure.pk,
            "fte",
            "1.234",
        ): "“1.234” is a text, and the point may part thousands or decimals; write 1234 or 1,234",
        (
            "measures",
            measure.pk,
            "phase",
            "soon",
        ): "“soon” cannot be chosen; choose one of: idea, planned, under way, completed, stopped",
        (
            "measures",
            measure.pk,
            "goals",
            "no-such-goal",
        ): "“no-such-goal” is not known here; choose from the list of the cell, or from the sheet of lists",
        (
            "tasks",
            task.pk,
            "due",
            "#REF!",
        ): "the formula of this cell gives #REF!; mend it, or write the value",
        ("risks", risk.pk, "probability", 6): "expected a number from 1 to 5, got 6",
        ("risks", risk.pk, "consequence", 2.5): "expected a whole number, got 2.5; write 2",
        ("indicators", "beds-somatic", "decimals", None): "this must be filled",
        (
            "indicators",
            "beds-somatic",
            "licence",
            datetime.datetime(2027, 1, 2),
        ): (
            "expected a text, got the day 2027-01-02: the spreadsheet took it for a date. "
            "Format the cell as text and write it again"
        ),
    }
    for (kind, pk, name, value), _message in wrong.items():
        book.put(kind, str(pk), name, value)
    _, found = checked(book.bytes, SYSTEM)
    told = {f"{book.at(kind, str(pk), name)}: {message}" for (kind, pk, name, _), message in wrong.items()}
    assert {str(error) for error in found.errors} == told
    assert found.doing == []


def test_what_an_action_refuses_is_told_at_its_cell() -> None:
    measure = one_measure()
    task = measure.tasks.first()
    row = held("observations")[0]
    decision = held("goals")[0]
    book = written("en")
    book.put("measures", measure.pk, "start", datetime.date(2035, 1, 1))
    book.put("measures", measure.pk, "end", datetime.date(2034, 1, 1))
    book.put("tasks", str(task.pk), "done_on", datetime.date(2090, 1, 1))
    book.put("observations", row.id, "value", row.values["value"] + 1)
    book.put("goals", decision.id, "deadline", datetime.date(2020, 1, 1))
    _, found = checked(book.bytes, SYSTEM)
    cells = {f"{error.sheet}!{error.cell}": error.message for error in found.errors}
    assert book.at("measures", measure.pk, "end") in cells
    assert book.at("tasks", str(task.pk), "done_on") in cells
    assert cells[book.at("observations", row.id, "reason")].startswith("There is a figure for this place")
    assert book.at("goals", decision.id, "deadline") in cells
    assert len(found.errors) == 4


def test_what_a_row_is_about_cannot_change() -> None:
    decision = held("goals")[0]
    other = next(one.id for one in held("measures") if one.id != one_measure().pk)
    task = one_measure().tasks.first()
    book = written("en")
    book.put("goals", decision.id, "place", "sto" if decision.values["place"] != "sto" else "hmn")
    book.put("tasks", str(task.pk), "measure", other)
    _, found = checked(book.bytes, SYSTEM)
    assert {f"{error.sheet}!{error.cell}" for error in found.errors} == {
        book.at("goals", decision.id, "place"),
        book.at("tasks", str(task.pk), "measure"),
    }


def test_the_copy_with_comments_has_every_fault_at_its_cell() -> None:
    from framsyn.web.exchange.annotated import annotate

    measure, other = Measure.objects.all()[:2]
    book = written("en")
    book.put("measures", measure.pk, "end", "31.02.2027")
    book.put("measures", other.pk, "title.nb", "Mitt")
    book.put("measures", measure.pk, "title.nn", "=HYPERLINK(1)")
    change_measure(SYSTEM, other, title={"nb": "Deres"})
    content = book.bytes
    _, found = checked(content, SYSTEM)
    marked = Changed(annotate(content, found))
    cell = marked.sheet("measures").cell(marked.row("measures", measure.pk), marked.column("measures", "end"))
    assert cell.comment.text == "expected a date, got “31.02.2027”; write 2027-02-28"
    theirs = marked.sheet("measures").cell(
        marked.row("measures", other.pk), marked.column("measures", "title.nb")
    )
    assert "In the plan now: Deres" in theirs.comment.text
    text = marked.sheet("measures").cell(
        marked.row("measures", measure.pk), marked.column("measures", "title.nn")
    )
    assert (text.value, text.data_type) == ("=HYPERLINK(1)", "s")
    again = checked(marked.bytes, SYSTEM)[1]
    assert again.digest == found.digest


# ---------------------------------------------------------------- what planners do to workbooks
def test_moved_columns_renamed_sheets_and_heads_alone_are_read() -> None:
    measure = one_measure()
    book = written("nb")
    book.put("measures", measure.pk, "end", datetime.date(2039, 1, 1))
    sheet = book.sheet("measures")
    sheet.title = "My own name"
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(reversed(row), start=1):
            sheet.cell(number, place).value = value
    assert [change.id for change in checked(book.bytes, SYSTEM)[1].changes] == [measure.pk]
    sheet.title = "Tiltak"
    sheet.delete_rows(1)  # the technical names are gone; the Norwegian heads and the sheet's name are left
    _, found = checked(book.bytes, SYSTEM)
    assert ([change.id for change in found.changes], found.errors) == ([measure.pk], [])


def test_own_columns_own_sheets_hidden_rows_and_empty_rows_do_no_harm() -> None:
    book = written("en")
    sheet = book.sheet("tasks")
    place = sheet.max_column + 2
    sheet.cell(2, place).value = "My remarks"
    sheet.cell(3, place).value = "ask Kari"
    sheet.row_dimensions[4].hidden = True
    sheet.cell(sheet.max_row + 400, 2).value = "   "
    own = book.book.create_sheet("Mine")
    own["A1"] = "anything"
    _, found = checked(book.bytes, SYSTEM)
    assert (found.changes, found.errors) == ([], [])
    assert found.notices == [
        "Tasks: columns of your own are not read: My remarks.",
        "Tasks: rows are hidden, by hand or by a filter (1). They are read like all others.",
    ]


def test_merged_cells_formulas_and_copied_rows_are_told() -> None:
    measure, other = Measure.objects.all()[:2]
    book = written("en")
    sheet = book.sheet("measures")
    column, row = book.column("measures", "title.nb"), book.row("measures", measure.pk)
    sheet.merge_cells(start_row=row, end_row=row + 1, start_column=column, end_column=column)
    sheet.cell(book.row("measures", other.pk), book.column("measures", "cost")).value = "=1+1"
    last = sheet.max_row + 1
    for place in range(1, sheet.max_column + 1):
        sheet.cell(last, place).value = sheet.cell(row, place).value
    _, found = checked(book.bytes, SYSTEM)
    told = [str(error) for error in found.errors]
    assert any("these cells are merged" in line for line in told)
    assert any(
        "was never calculated" in line and book.at("measures", other.pk, "cost") in line for line in told
    )
    assert any(f"this id stands in row {row} already" in line for line in told)


# ---------------------------------------------------------------- small numbers
def test_hidden_figures_are_not_taken_out_and_not_emptied() -> None:
    from framsyn.web.indicators.actions import Definition, Figure, define, observe

    definition = Definition(
        name={"en": "Few"},
        definition={"en": "x"},
        unit="persons",
        frequency="year",
        direction="up",
        source={"en": "x"},
        responsible=Measure.objects.filter(organisation="hmn").first().organisation,
        small_number=5,
    )
    indicator = define(SYSTEM, "tests-few", definition)
    for year, value in ((2023, 3), (2024, 40)):
        observe(
            SYSTEM, indicator, Figure("hmn", datetime.date(year, 1, 1), datetime.date(year, 12, 31), value)
        )
    hidden = Observation.objects.get(indicator=indicator, hidden=True)
    book = written("en")
    ids = [one.id for one in held("observations")]
    assert str(hidden.pk) not in ids
    assert not any(
        cell.value == 3 and sheet.cell(cell.row, 2).value == "tests-few"
        for sheet in [book.sheet("observations")]
        for row in sheet.iter_rows()
        for cell in row
    )
    book.add(
        "observations",
        indicator="tests-few",
        place="hmn",
        period_start=datetime.date(2023, 1, 1),
        period_end=datetime.date(2023, 12, 31),
    )
    _, found = checked(book.bytes, SYSTEM)
    assert found.doing == [], "an empty cell never overwrites a hidden figure"
    hidden.refresh_from_db()
    assert (hidden.value, hidden.current) == (3, True)


def test_a_figure_that_was_hidden_since_is_left_alone() -> None:
    row = held("observations")[0]
    book = written("en")
    untouched = book.bytes
    book.put("observations", row.id, "value", row.values["value"] * 2)
    book.put("observations", row.id, "reason", "x")
    Observation.objects.filter(pk=row.id).update(hidden=True)
    assert checked(untouched, SYSTEM)[1].changes == []
    change = checked(book.bytes, SYSTEM)[1].changes[0]
    assert (change.status, [cell.before for cell in change.cells if cell.before]) == ("stale", [])


# ---------------------------------------------------------------- the workbook itself
def test_the_workbook_is_made_for_people() -> None:
    book = written("nb").book
    changed = written("nb")
    assert book.active.title == book.sheetnames[0]
    for kind in KINDS.values():
        sheet = changed.sheet(kind.name)
        assert sheet.row_dimensions[1].hidden
        assert sheet.freeze_panes is not None and sheet.freeze_panes.endswith("3")
        assert sheet.auto_filter.ref is not None and sheet.auto_filter.ref.startswith("A2:")
        away = [one for one in sheet.column_dimensions.values() if one.hidden]
        for name in ("seen", "base"):
            assert any(one.min <= changed.column(kind.name, name) <= one.max for one in away)
        lists = [rule for rule in sheet.data_validations.dataValidation if rule.type == "list"]
        offered = [
            column
            for column in kind.columns
            if column.type in ("choice", "reference") and column.change != "never"
        ]
        assert len(lists) == len(offered)
        first = sheet.cell(3, changed.column(kind.name, "id"))
        assert first.protection.locked and first.fill.fgColor.rgb.endswith("EEF0F0")
        assert all(
            sheet.column_dimensions[cell.column_letter].width >= 8
            for cell in sheet[2]
            if cell.column_letter in sheet.column_dimensions
        )
    days = changed.sheet("measures").cell(3, changed.column("measures", "start"))
    assert days.is_date or days.value is None
    mark = book["framsyn"]
    assert mark.sheet_state == "veryHidden"
    assert openpyxl.__version__


def test_one_plan_takes_out_what_belongs_to_it() -> None:
    everything, one = written("en"), written("en", plan="rup-2027")
    for kind in ("goals", "measures"):
        assert one.sheet(kind).max_row <= everything.sheet(kind).max_row
    goals = {
        one.sheet("goals").cell(row, one.column("goals", "goal")).value
        for row in range(3, one.sheet("goals").max_row + 1)
    }
    assert goals and all(goal.startswith("rup-2027") for goal in goals)
    assert checked(one.bytes, SYSTEM)[1].changes == []


def test_more_rows_than_a_workbook_may_change_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from framsyn.web.exchange import difference

    monkeypatch.setattr(difference, "MOST_CHANGES", 2)
    book = written("en")
    for one in Measure.objects.all()[:3]:
        book.put("measures", one.pk, "end", datetime.date(2039, 1, 1))
    _, found = checked(book.bytes, SYSTEM)
    assert "3 rows would change, more than the 2" in str(found.errors[0])
    assert Risk.objects.exists()
