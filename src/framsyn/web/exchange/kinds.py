"""The sheets of the workbook and their columns, told once: writing, reading, help and data dictionary follow from here."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from framsyn.web.exchange.columns import BASE, SEEN, Column, Kind, flat, words

__all__ = ["BASE", "KINDS", "SEEN", "Column", "Kind"]

_ID = Column(
    "id",
    _("Id"),
    "id",
    change="new",
    width=22,
    longest=80,
    hint=_("Leave it as it is. Empty in a new row: Framsyn makes one."),
)
_PART = replace(_ID, width=8)
_REMOVE = Column(
    "remove",
    _("Take away"),
    "choice",
    words="yes_no",
    width=10,
    hint=_("“yes” takes the row out of the plan. Deleting a row in the sheet changes nothing."),
)
_MEASURE = Column(
    "measure",
    _("Measure"),
    "reference",
    words="measure",
    change="new",
    required=True,
    width=24,
    hint=_("Id of the measure."),
)
_MEASURE_TITLE = Column("measure_title", _("Title of the measure"), "text", change="never", width=34)

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "indicators",
            _("Indicators"),
            _("What is measured, and how."),
            flat(
                replace(
                    _ID,
                    width=26,
                    hint=_("Leave it as it is. In a new row: a short name such as waiting-time."),
                ),
                words(Column("name", _("Name"), required=True, width=32)),
                words(Column("definition", _("Definition"), required=True, width=44)),
                words(Column("numerator", _("Numerator"), width=30)),
                words(Column("denominator", _("Denominator"), width=30)),
                Column(
                    "unit",
                    _("Unit"),
                    "choice",
                    words="unit",
                    required=True,
                    hint=_("It cannot change once there are figures."),
                ),
                Column("decimals", _("Decimals"), "whole", required=True, width=10, least=0, most=4),
                Column(
                    "frequency",
                    _("How often a figure comes"),
                    "choice",
                    words="frequency",
                    required=True,
                    width=18,
                ),
                Column(
                    "direction",
                    _("Which way is better"),
                    "choice",
                    words="direction",
                    required=True,
                    width=22,
                ),
                words(Column("source", _("Source"), required=True, width=32)),
                Column("licence", _("Licence"), longest=100),
                Column(
                    "small_number",
                    _("Small-number rule"),
                    "whole",
                    least=2,
                    most=1000,
                    hint=_("Counts below this are never shown or handed out."),
                ),
                Column(
                    "responsible",
                    _("Responsible"),
                    "reference",
                    words="organisation",
                    required=True,
                    width=20,
                ),
                words(Column("needs", _("What it needs before there are figures"), width=30)),
                Column(
                    "elements",
                    _("Sections of the plan"),
                    "references",
                    words="section",
                    width=24,
                    hint=_("Ids, parted by semicolons."),
                ),
            ),
            ("id",),
        ),
        Kind(
            "goals",
            _("Goals"),
            _(
                "What is decided about each goal at each place. A change is a new decision that supersedes "
                "the old one, which is kept."
            ),
            flat(
                _PART,
                Column(
                    "goal",
                    _("Goal"),
                    "reference",
                    words="goal",
                    change="new",
                    required=True,
                    width=20,
                    hint=_("Id of the goal in the plan."),
                ),
                Column("wording", _("The goal in one sentence"), "text", change="never", width=48),
                Column(
                    "place",
                    _("Where"),
                    "reference",
                    words="organisation",
                    change="new",
                    required=True,
                    width=20,
                ),
                Column(
                    "indicator",
                    _("Measured by"),
                    "reference",
                    words="indicator",
                    change="new",
                    width=26,
                    hint=_("Id of the indicator; empty for a task without a number."),
                ),
                Column("unit", _("Unit"), "choice", words="unit", change="never", width=12),
                Column("type", _("What is demanded"), "choice", words="goal_type", required=True, width=20),
                Column("target", _("Target"), "figure", unit=_("in the unit of the row")),
                Column("target_low", _("Lowest, of a range"), "figure", unit=_("in the unit of the row")),
                Column("target_high", _("Highest, of a range"), "figure", unit=_("in the unit of the row")),
                Column("tolerance", _("Tolerance"), "figure", unit=_("in the unit of the row")),
                Column("baseline", _("Baseline"), "figure", unit=_("in the unit of the row")),
                Column("baseline_date", _("Day of the baseline"), "day"),
                Column("deadline", _("Deadline"), "day"),
                Column("standing", _("Standing"), "choice", words="goal_standing", required=True, width=20),
                words(Column("decided_by", _("Decided by"), width=24)),
                Column("case_number", _("Case number"), longest=60),
                Column("decided_on", _("Decided on"), "day"),
                words(Column("source", _("Source"), width=28)),
                words(Column("note", _("Note"), width=28)),
                Column(
                    "reason",
                    _("Why it is changed"),
                    "text",
                    width=28,
                    longest=500,
                    hint=_("Stands in the log."),
                ),
            ),
            ("goal", "place", "indicator"),
            unit_of="indicator",
        ),
        Kind(
            "observations",
            _("Figures"),
            _(
                "Figures of each place and period. Figures below the small-number rule are not here and are "
                "not changed by an empty cell."
            ),
            flat(
                _PART,
                Column(
                    "indicator",
                    _("Indicator"),
                    "reference",
                    words="indicator",
                    change="new",
                    required=True,
                    width=26,
                    hint=_("Id of the indicator."),
                ),
                Column("unit", _("Unit"), "choice", words="unit", change="never", width=12),
                Column(
                    "place", _("Where"), "reference", words="place", change="new", required=True, width=20
                ),
                Column("period_start", _("First day of the period"), "day", change="new", required=True),
                Column("period_end", _("Last day of the period"), "day", change="new", required=True),
                Column("value", _("Value"), "figure", unit=_("in the unit of the row")),
                Column("numerator", _("Numerator"), "number", least=0),
                Column("denominator", _("Denominator"), "number", least=0),
                Column("data_through", _("Data through"), "day"),
                Column("coverage", _("Coverage"), "share", unit="%", least=0, most=1),
                Column("state", _("State"), "choice", words="state"),
                Column("source", _("Source of this figure"), width=28, longest=200),
                Column("licence", _("Licence"), longest=100),
                words(Column("note", _("Note"), width=28)),
                Column(
                    "reason",
                    _("Why it is corrected"),
                    "text",
                    width=28,
                    longest=500,
                    hint=_("Needed where there is a figure already. The old one is kept."),
                ),
            ),
            ("indicator", "place", "period_start", "period_end"),
            unit_of="indicator",
        ),
        Kind(
            "measures",
            _("Measures"),
            _("What is done so that goals are reached."),
            flat(
                _ID,
                words(Column("title", _("Title"), required=True, width=36)),
                words(Column("text", _("What is done"), width=44)),
                Column(
                    "organisation", _("Owner"), "reference", words="organisation", required=True, width=20
                ),
                words(Column("owner_unit", _("Function that answers"), width=24)),
                Column("phase", _("Phase"), "choice", words="phase", required=True),
                Column(
                    "standing", _("Decided?"), "choice", words="measure_standing", required=True, width=20
                ),
                Column("start", _("Start"), "day"),
                Column("end", _("End"), "day"),
                Column("cost", _("Cost in all"), "number", unit=_("million kroner, 2025 prices")),
                Column("fte", _("Staff"), "number", unit=_("full-time equivalents")),
                Column(
                    "assumption",
                    _("Assumption of the outlook that it moves"),
                    "choice",
                    words="assumption",
                    width=26,
                ),
                Column(
                    "goals",
                    _("Goals that it serves"),
                    "references",
                    words="goal",
                    width=26,
                    hint=_("Ids, parted by semicolons."),
                ),
                Column(
                    "plans",
                    _("Plans that it belongs to"),
                    "references",
                    words="plan",
                    width=18,
                    hint=_("Ids, parted by semicolons."),
                ),
                Column(
                    "depends_on",
                    _("Must come first"),
                    "references",
                    words="measure",
                    width=24,
                    hint=_("Ids of measures, parted by semicolons."),
                ),
            ),
            ("id",),
        ),
        Kind(
            "tasks",
            _("Tasks"),
            _("The steps of each measure."),
            flat(
                _PART,
                _MEASURE,
                _MEASURE_TITLE,
                words(Column("title", _("What is to be done"), required=True, width=36)),
                Column("due", _("Due"), "day"),
                Column("done_on", _("Done on"), "day", hint=_("Empty: not done yet.")),
                _REMOVE,
            ),
            ("measure",),
        ),
        Kind(
            "benefits",
            _("Benefits"),
            _("What each measure frees in a year, planned and realised."),
            flat(
                _PART,
                _MEASURE,
                _MEASURE_TITLE,
                Column("kind", _("What is freed"), "choice", words="benefit_kind", required=True, width=20),
                Column("year", _("Year"), "whole", required=True, width=10, least=2000, most=2100),
                Column(
                    "planned",
                    _("Planned"),
                    "number",
                    unit=_("hours, full-time equivalents or million kroner"),
                    required=True,
                    width=18,
                ),
                Column(
                    "realised",
                    _("Realised"),
                    "number",
                    unit=_("hours, full-time equivalents or million kroner"),
                    hint=_("Empty: not known yet."),
                    width=18,
                ),
                words(Column("note", _("How it was counted"), width=28)),
                _REMOVE,
            ),
            ("measure",),
        ),
        Kind(
            "risks",
            _("Risks"),
            _("What may go wrong with each measure, on a scale of five by five."),
            flat(
                _PART,
                _MEASURE,
                _MEASURE_TITLE,
                words(Column("text", _("What may go wrong"), required=True, width=40)),
                Column(
                    "probability",
                    _("Probability"),
                    "whole",
                    unit="1–5",
                    required=True,
                    width=12,
                    least=1,
                    most=5,
                ),
                Column(
                    "consequence",
                    _("Consequence"),
                    "whole",
                    unit="1–5",
                    required=True,
                    width=12,
                    least=1,
                    most=5,
                ),
                words(Column("mitigation", _("What is done about it"), width=36)),
                Column("closed", _("The risk is over"), "choice", words="yes_no", width=12),
            ),
            ("measure",),
        ),
    )
}
