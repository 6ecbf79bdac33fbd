"""The status of a goal: every code with its sentence, the wrong way always flagged, overrides that end."""

from __future__ import annotations

from datetime import date, timedelta
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framsyn.errors import PlanError
from framsyn.report.numbers import NARROW_SPACE
from framsyn.web.indicators import sentences
from framsyn.web.indicators.status import (
    CODES,
    GoalRule,
    Override,
    Reading,
    Status,
    judge,
    rule_text,
    sentence,
    status_name,
)

TODAY = date(2028, 9, 1)
END_2025, END_2026, END_2027 = date(2025, 12, 31), date(2026, 12, 31), date(2027, 12, 31)
END_2030 = date(2030, 12, 31)


def at_least(**changes):
    facts = {
        "type": "reach_at_least",
        "baseline": 0.61,
        "baseline_date": END_2025,
        "target": 0.75,
        "deadline": END_2030,
    }
    return GoalRule(**{**facts, **changes})


def at_most(**changes):
    facts = {
        "type": "reach_at_most",
        "baseline": 57.9,
        "baseline_date": END_2025,
        "target": 50,
        "deadline": END_2030,
    }
    return GoalRule(**{**facts, **changes})


def readings(*values, first=2025, **said):
    """Yearly figures, the last of them with what is said."""
    days = [date(first + i, 12, 31) for i in range(len(values))]
    return [
        Reading(day, value, **(said if day == days[-1] else {}))
        for day, value in zip(days, values, strict=True)
    ]


def said(status, rule, unit="share", lang="en", **options):
    return sentence(status, rule, unit, lang, **options).replace(NARROW_SPACE, " ")


# --- each status with its sentence -----------------------------------------------------------------------------------


def test_at_risk_says_where_the_pace_leads():
    rule = at_least()
    status = judge(rule, [Reading(END_2025, 0.61), Reading(date(2028, 3, 1), 0.66)], TODAY)
    assert status.code == "at_risk"
    assert not status.wrong_way
    # 791 days of 1826 have brought 5 points: 5 · 1826/791 = 11.5.
    assert status.pace_value == pytest.approx(0.61 + 0.05 * 1826 / 791)
    assert said(status, rule) == "Rose from 61 to 66% and must reach 75 by 2030: at this pace 73."
    assert said(status, rule, lang="nb") == "Steg fra 61 til 66 % og må nå 75 innen 2030: i dette tempoet 73."
    assert said(status, rule, lang="nn") == "Auka frå 61 til 66 % og må nå 75 innan 2030: i dette tempoet 73."


def test_on_the_way():
    rule = at_most()
    status = judge(rule, readings(57.9, 55.0, 53.0), TODAY)
    assert status.code == "on_the_way"
    assert said(status, rule, "days") == (
        "Fell from 57.9 to 53.0 days and must come down to 50 by 2030: at this pace 45.6."
    )
    assert said(status, rule, "days", "nb") == (
        "Falt fra 57,9 til 53,0 dager og må ned til 50 innen 2030: i dette tempoet 45,6."
    )
    assert said(status, rule, "days", "nn", decimals=0) == (
        "Gjekk ned frå 58 til 53 dagar og må ned til 50 innan 2030: i dette tempoet 46."
    )


def test_reached():
    rule = at_least()
    status = judge(rule, readings(0.61, 0.70, 0.76), TODAY)
    assert status.code == "reached"
    assert said(status, rule) == "Rose from 61 to 76%: the goal of at least 75 is met."
    assert said(status, rule, lang="nb") == "Steg fra 61 til 76 %: målet om minst 75 er nådd."
    assert said(status, rule, lang="nn") == "Auka frå 61 til 76 %: målet om minst 75 er nådd."


def test_wrong_way_from_the_start():
    rule = at_least()
    status = judge(rule, readings(0.61, 0.63, 0.58), TODAY)
    assert (status.code, status.wrong_way, status.wrong_since) == ("wrong_way", True, END_2025)
    assert said(status, rule) == "Fell from 61 to 58%, the wrong way since 2025, and must reach 75 by 2030."
    assert said(status, rule, lang="nb") == (
        "Falt fra 61 til 58 %, feil vei siden 2025, og må nå 75 innen 2030."
    )
    assert said(status, rule, lang="nn") == (
        "Gjekk ned frå 61 til 58 %, feil veg sidan 2025, og må nå 75 innan 2030."
    )


def test_wrong_way_over_the_last_two_steps_while_better_than_the_start():
    rule = at_least(deadline=date(2032, 12, 31))
    status = judge(rule, readings(0.61, 0.72, 0.70, 0.66), date(2029, 2, 1))
    assert (status.code, status.wrong_since) == ("wrong_way", END_2026)
    assert said(status, rule) == "Rose from 61 to 66%, the wrong way since 2026, and must reach 75 by 2032."


def test_one_step_back_is_not_the_wrong_way():
    status = judge(at_least(), readings(0.61, 0.72, 0.70), TODAY)
    assert not status.wrong_way


def test_the_tolerance_keeps_small_moves_from_being_the_wrong_way():
    assert judge(at_least(), readings(0.61, 0.605), TODAY).wrong_way
    assert not judge(at_least(tolerance=0.01), readings(0.61, 0.605), TODAY).wrong_way
    assert not judge(at_least(tolerance=0.03), readings(0.61, 0.74, 0.73, 0.72), TODAY).wrong_way


def test_missed_after_the_deadline():
    rule = at_least(deadline=END_2026)
    status = judge(rule, readings(0.61, 0.66), TODAY)
    assert (status.code, status.deadline_passed) == ("missed", True)
    assert said(status, rule) == "Rose from 61 to 66%: the goal of at least 75 was not met by 2026."
    assert (
        said(status, rule, lang="nb") == "Steg fra 61 til 66 %: målet om minst 75 ble ikke nådd innen 2026."
    )
    assert (
        said(status, rule, lang="nn") == "Auka frå 61 til 66 %: målet om minst 75 vart ikkje nådd innan 2026."
    )


def test_the_deadline_itself_is_in_time():
    rule = at_least(deadline=END_2027)
    assert judge(rule, readings(0.61, 0.66), END_2027).code != "missed"
    assert judge(rule, readings(0.61, 0.66), END_2027 + timedelta(1)).code == "missed"


def test_no_data():
    rule = at_most(baseline=None, baseline_date=None)
    status = judge(rule, [], TODAY)
    assert status.code == "no_data"
    assert said(status, rule, "days") == "No data yet: must come down to 50 days by 2030."
    assert said(status, rule, "days", "nb") == "Ingen tall ennå: må ned til 50 dager innen 2030."
    assert said(status, rule, "days", "nn") == "Ingen tal enno: må ned til 50 dagar innan 2030."


def test_nothing_new_since_the_baseline_is_no_data_and_says_so():
    rule = at_most()
    status = judge(rule, readings(57.9), TODAY)
    assert status.code == "no_data"
    assert said(status, rule, "days") == (
        "No new figure since 57.9 days (2025): must come down to 50 by 2030."
    )
    late = at_most(deadline=END_2026)
    assert said(judge(late, readings(57.9), TODAY), late, "days").endswith("The deadline has passed.")


def test_a_reading_before_the_baseline_does_not_meet_the_goal():
    status = judge(at_most(), [Reading(date(2020, 12, 31), 45)], TODAY)
    assert status.code == "no_data"


def test_not_measured():
    rule = GoalRule("do", deadline=END_2030)
    status = judge(rule, readings(1, 2, 3), TODAY)
    assert status.code == "not_measured"
    assert said(status, rule) == (
        "A task without a number, due by 2030: its measures show how far it has come."
    )
    assert said(status, rule, lang="nb") == (
        "En oppgave uten tall som skal være gjort innen 2030: tiltakene viser hvor langt den er kommet."
    )
    open_end = GoalRule("do")
    assert said(judge(open_end, [], TODAY), open_end, lang="nn") == (
        "Ei oppgåve utan tal: tiltaka viser kor langt ho er komen."
    )


# --- hold and range --------------------------------------------------------------------------------------------------


def hold(**changes):
    facts = {
        "type": "hold",
        "baseline": 100,
        "baseline_date": END_2025,
        "tolerance": 5,
        "deadline": END_2030,
    }
    return GoalRule(**{**facts, **changes})


def test_hold_within_the_tolerance():
    rule = hold()
    status = judge(rule, readings(100, 103, 97), TODAY)
    assert status.code == "on_the_way"
    assert said(status, rule, "beds") == "Fell from 100 to 97 beds and must stay within 95–105 through 2030."
    assert said(status, rule, "beds", "nb") == (
        "Falt fra 100 til 97 senger og skal holde seg innenfor 95–105 til og med 2030."
    )
    assert said(judge(rule, readings(100, 100), TODAY), rule, "beds", "nn") == (
        "Er framleis 100 senger og skal halde seg innanfor 95–105 til og med 2030."
    )


@pytest.mark.parametrize("value", [94, 106])
def test_hold_outside_the_tolerance_is_the_wrong_way_on_both_sides(value):
    rule = hold()
    status = judge(rule, readings(100, value), TODAY)
    assert (status.code, status.wrong_way) == ("wrong_way", True)


def test_hold_that_may_rise():
    rule = hold(direction="up")
    assert judge(rule, readings(100, 140), TODAY).code == "on_the_way"
    status = judge(rule, readings(100, 90), TODAY)
    assert status.code == "wrong_way"
    assert said(status, rule, "beds") == (
        "Fell from 100 to 90 beds, the wrong way since 2025, and must not fall below 95 through 2030."
    )


def test_hold_is_reached_when_its_time_is_over():
    rule = hold(deadline=END_2026)
    assert judge(rule, readings(100, 102), TODAY).code == "reached"
    missed = judge(rule, readings(100, 120), TODAY)
    assert missed.code == "missed"
    assert missed.wrong_way
    assert said(judge(rule, readings(100, 102), TODAY), rule, "beds") == (
        "Rose from 100 to 102 beds: the goal of staying within 95–105 is met."
    )


def test_hold_without_a_baseline_holds_the_first_figure():
    rule = GoalRule("hold", tolerance=2)
    assert judge(rule, readings(40, 41), TODAY).code == "on_the_way"
    assert judge(rule, readings(40, 43), TODAY).code == "wrong_way"
    assert said(judge(rule, [], TODAY), rule) == "No data yet: must be held where the first figure lies."


def band(**changes):
    facts = {"type": "range", "target_low": 0.8, "target_high": 0.85, "deadline": END_2030}
    return GoalRule(**{**facts, "baseline": 0.95, "baseline_date": END_2025, **changes})


def test_range():
    rule = band()
    inside = judge(rule, readings(0.95, 0.84), TODAY)
    assert inside.code == "reached"
    assert said(inside, rule) == "Fell from 95 to 84%: the goal of 80–85 is met."
    outside = judge(rule, readings(0.95, 0.94), TODAY)
    assert outside.code == "outside"
    assert said(outside, rule) == "Fell from 95 to 94%, outside the range, and must lie within 80–85 by 2030."
    assert said(outside, rule, lang="nb") == (
        "Falt fra 95 til 94 %, utenfor området, og skal ligge i området 80–85 innen 2030."
    )
    assert said(outside, rule, lang="nn") == (
        "Gjekk ned frå 95 til 94 %, utanfor området, og skal liggje i området 80–85 innan 2030."
    )


def test_range_that_is_neared_fast_enough_is_on_the_way_and_left_is_the_wrong_way():
    rule = band()
    assert judge(rule, readings(0.95, 0.91), TODAY).code == "on_the_way"
    assert judge(rule, readings(0.95, 0.97), TODAY).code == "wrong_way"
    # Through the band and out on the other side by as much: neither nearer nor farther.
    assert judge(rule, readings(0.95, 0.70), TODAY).code == "outside"
    below = judge(rule, readings(0.95, 0.60), TODAY)
    assert (below.code, below.wrong_way) == ("wrong_way", True)


def test_a_goal_without_a_number_is_its_direction():
    rule = GoalRule("reach_at_most", baseline=0.089, baseline_date=END_2025, deadline=END_2030)
    better = judge(rule, readings(0.089, 0.085), TODAY)
    assert better.code == "on_the_way"
    assert said(better, rule) == "Fell from 8.9 to 8.5% and must fall by 2030."
    assert judge(rule, readings(0.089, 0.089), TODAY).code == "at_risk"
    assert judge(rule, readings(0.089, 0.091), TODAY).code == "wrong_way"
    assert judge(rule, readings(0.089, 0.085), date(2031, 2, 1)).code == "reached"
    assert judge(rule, readings(0.089, 0.089), date(2031, 2, 1)).code == "missed"


def test_a_goal_without_a_deadline_is_judged_by_its_movement():
    rule = at_most(deadline=None)
    assert judge(rule, readings(57.9, 55), TODAY).code == "on_the_way"
    assert judge(rule, readings(57.9, 57.9), TODAY).code == "at_risk"
    status = judge(rule, readings(57.9, 55), TODAY)
    assert status.pace_value is None
    assert said(status, rule, "days") == "Fell from 57.9 to 55.0 days and must come down to 50."


# --- what is known of a figure ---------------------------------------------------------------------------------------


def test_a_provisional_figure_is_used_and_said():
    rule = at_least()
    status = judge(rule, readings(0.61, 0.76, provisional=True), TODAY)
    assert (status.code, status.provisional) == ("reached", True)
    assert said(status, rule, lang="nb").endswith("er nådd. Siste tall er foreløpig.")
    assert said(status, rule, lang="nn").endswith("Siste tal er førebels.")
    assert said(status, rule).endswith("The latest figure is provisional.")


def test_a_part_of_the_count_is_said():
    rule = at_least()
    status = judge(rule, readings(0.61, 0.76, coverage=0.8), TODAY)
    assert said(status, rule).endswith("The latest figure covers 80%.")


def test_a_faulty_figure_is_not_judged_by_and_that_is_said():
    rule = at_most(baseline=None, baseline_date=None)
    figures = [Reading(date(2024, 12, 31), 57.9), *readings(60, 76, first=2025)]
    figures[1:] = [Reading(r.date, r.value, faulty=True) for r in figures[1:]]
    status = judge(rule, figures, TODAY)
    assert (status.code, status.value, status.skipped) == ("no_data", 57.9, 2)
    assert said(status, rule, "days").endswith(
        "Newer figures are marked as faulty by the source and do not count."
    )


def test_a_figure_counts_on_the_day_its_data_end():
    rule = at_least()
    status = judge(rule, [Reading(date(2028, 12, 31), 0.66, data_through=date(2028, 6, 30))], TODAY)
    assert status.date == date(2028, 6, 30)
    assert judge(rule, [Reading(date(2028, 12, 31), 0.66)], TODAY).code == "no_data"


def test_the_expected_path():
    rule = GoalRule(
        "reach_at_least",
        baseline=0,
        baseline_date=date(2026, 1, 1),
        target=100,
        deadline=date(2026, 4, 11),  # a hundred days
    )
    status = judge(rule, [Reading(date(2026, 1, 21), 30)], date(2026, 2, 10))
    assert status.expected_now == pytest.approx(40)
    assert status.expected_then == pytest.approx(20)
    assert status.pace_value == pytest.approx(150)
    assert judge(rule, [Reading(date(2026, 1, 21), 30)], date(2027, 1, 1)).expected_now == pytest.approx(100)


def test_a_pace_never_passes_what_a_share_can_be():
    rule = at_least(target=0.99)
    status = judge(rule, readings(0.61, 0.80), TODAY)
    assert status.pace_value > 1
    assert said(status, rule).endswith("at this pace 100.")


# --- overrides -------------------------------------------------------------------------------------------------------


def override(**changes):
    facts = {
        "status": "on_the_way",
        "reason": "The new ward opens in spring",
        "expires": date(2028, 12, 1),
        "by": "Strategy",
    }
    return Override(**{**facts, **changes})


def test_an_override_holds_until_its_last_day_and_is_said():
    rule = at_least()
    figures = readings(0.61, 0.58)
    status = judge(rule, figures, TODAY, override())
    assert (status.code, status.computed) == ("on_the_way", "wrong_way")
    assert status.wrong_way
    assert said(status, rule).endswith(
        "Set to “On the way” by Strategy through 1 December 2028: The new ward opens in spring."
    )
    assert judge(rule, figures, date(2028, 12, 1), override()).code == "on_the_way"


def test_an_expired_override_falls_away_and_that_is_said():
    rule = at_least()
    status = judge(rule, readings(0.61, 0.58), date(2028, 12, 2), override())
    assert (status.code, status.override, status.expired) == ("wrong_way", None, override())
    assert said(status, rule).endswith(
        "“On the way”, set by Strategy, held through 1 December 2028 and has fallen away."
    )
    assert said(status, rule, lang="nb").endswith(
        "«På vei», satt av Strategy, gjaldt til og med 1. desember 2028 og er falt bort."
    )
    assert said(status, rule, lang="nn").endswith(
        "«På veg», sett av Strategy, galdt til og med 1. desember 2028 og er falle bort."
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reason": " "}, "override-without-reason"),
        ({"expires": None}, "override-without-expiry"),
        ({"by": ""}, "override-without-name"),
        ({"status": "no_data"}, "override-status"),
        ({"status": "fine"}, "override-status"),
    ],
)
def test_an_override_without_reason_expiry_or_name_is_refused(changes, code):
    with pytest.raises(PlanError) as error:
        override(**changes)
    assert error.value.code == code


def test_the_wrong_way_is_flagged_on_a_reached_goal():
    rule = at_least(baseline=0.90)
    status = judge(rule, readings(0.90, 0.80), TODAY)
    assert (status.code, status.wrong_way) == ("reached", True)
    assert said(status, rule) == (
        "Fell from 90 to 80%: the goal of at least 75 is met. It has moved the wrong way since 2025."
    )
    assert said(status, rule, lang="nb").endswith("Utviklingen går feil vei siden 2025.")


# --- refusals and rules ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: GoalRule("reach"), "unknown-goal-type"),
        (lambda: GoalRule("reach_at_least", direction="down"), "goal-direction"),
        (lambda: GoalRule("range", target_low=2, target_high=1), "goal-range"),
        (lambda: GoalRule("range"), "goal-range"),
        (lambda: GoalRule("hold", target_low=1, target_high=2), "goal-range"),
        (lambda: GoalRule("hold", target=3), "goal-target"),
        (lambda: GoalRule("do", target=3), "goal-target"),
        (lambda: GoalRule("hold", tolerance=-1), "goal-tolerance"),
        (lambda: GoalRule("hold", baseline=float("inf"), baseline_date=TODAY), "not-finite"),
        (lambda: GoalRule("hold", baseline=3), "baseline-without-date"),
        (lambda: at_least(deadline=END_2025), "deadline-before-baseline"),
        (lambda: Reading(TODAY, float("nan")), "not-finite"),
        (lambda: Reading(TODAY, 1, coverage=80), "coverage-out-of-range"),
        (
            lambda: sentence(Status("no_data", "no_data"), at_most(baseline=None), "furlongs", "en"),
            "unknown-unit",
        ),
        (lambda: rule_text(at_most(), "sv"), "unknown-language"),
    ],
)
def test_refusals(call, code):
    with pytest.raises(PlanError) as error:
        call()
    assert error.value.code == code


def test_the_rule_in_one_sentence():
    assert rule_text(at_most(tolerance=1), "en", "days") == (
        "Reached when the latest figure is at most 50 days; on the way while it is on or ahead of the straight line "
        "from 57.9 days (2025) to the target by 2030, else at risk; the wrong way when it is worse than the start or has "
        "worsened twice in a row, with a tolerance of 1.0 days."
    )
    assert rule_text(hold(), "nb", "beds") == (
        "På vei så lenge siste tall ligger innenfor 95–105 senger, nådd når det er slik etter 2030; feil vei når det ikke "
        "er slik, eller når det er blitt dårligere to ganger på rad."
    )
    assert rule_text(GoalRule("do", deadline=END_2030), "nn") == (
        "Ei oppgåve utan tal innan 2030: nådd når tiltaka er fullførte."
    )


RULES = [
    at_least(),
    at_least(deadline=None),
    at_least(target=None),
    at_least(baseline=None, baseline_date=None, tolerance=0.02),
    at_most(),
    hold(),
    hold(tolerance=0),
    hold(direction="up"),
    hold(direction="down"),
    GoalRule("hold"),
    band(),
    GoalRule("do"),
]


@pytest.mark.parametrize("lang", ["nb", "nn", "en"])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.type}-{rule.direction}-{rule.target}")
def test_every_rule_is_one_sentence(rule, lang):
    text = rule_text(rule, lang, "share")
    assert text.endswith(".")
    assert "  " not in text
    assert "{" not in text
    assert not any(mark in text for mark in (". ", "None", "()"))


def test_words_have_three_languages_with_the_same_fields_and_no_word_is_left_over():
    for key, texts in sentences.read_words().items():
        assert set(texts) == {"nb", "nn", "en"}, key
        fields = {
            lang: {name for _, name, _, _ in Formatter().parse(text) if name} for lang, text in texts.items()
        }
        assert fields["nb"] == fields["nn"] == fields["en"], key
    assert {status_name(code, lang) for code in CODES for lang in ("nb",)} == {
        sentences.read_words()[f"status.{code}"]["nb"] for code in CODES
    }


# --- properties ------------------------------------------------------------------------------------------------------

VALUES = st.lists(st.integers(0, 100), max_size=8)
DAYS = st.dates(date(2026, 1, 1), date(2036, 12, 31))


def scaled(rule, factor, shift):
    """The same goal on another scale; a negative factor turns up and down about."""
    turn = {"reach_at_least": "reach_at_most", "reach_at_most": "reach_at_least"} if factor < 0 else {}

    def move(value):
        return None if value is None else factor * value + shift

    low, high = move(rule.target_low), move(rule.target_high)
    if factor < 0:
        low, high = high, low
    ways = {"up": "down", "down": "up"} if factor < 0 else {}
    return GoalRule(
        turn.get(rule.type, rule.type),
        direction=ways.get(rule.direction, rule.direction),
        baseline=move(rule.baseline),
        baseline_date=rule.baseline_date,
        target=move(rule.target),
        target_low=low,
        target_high=high,
        tolerance=rule.tolerance * abs(factor),
        deadline=rule.deadline,
    )


@given(
    values=VALUES,
    today=DAYS,
    rule=st.sampled_from(RULES),
    factor=st.sampled_from([-4, -1, 2]),
    shift=st.integers(-9, 9),
)
def test_status_is_the_same_on_another_scale_and_upside_down(values, today, rule, factor, shift):
    # Powers of two and whole numbers keep the arithmetic exact, so that no rounding decides a tie.
    rule = scaled(rule, 64.0, 0)
    figures = readings(*(float(value) for value in values))
    mirrored = [Reading(r.date, factor * r.value + shift) for r in figures]
    one, other = judge(rule, figures, today), judge(scaled(rule, factor, shift), mirrored, today)
    if one.expected_then is not None and one.value is not None:
        gap = abs(abs(one.value - one.expected_then) - rule.tolerance)
        if gap < 1e-6:
            return
    assert (other.code, other.wrong_way, other.wrong_since) == (one.code, one.wrong_way, one.wrong_since)


@given(values=VALUES, today=DAYS, rule=st.sampled_from(RULES))
def test_every_status_has_a_readable_sentence(values, today, rule):
    status = judge(rule, readings(*(value / 100 for value in values)), today)
    assert status.code in CODES
    for lang in ("nb", "nn", "en"):
        text = sentence(status, rule, "share", lang)
        assert text[0].isupper()
        assert text.endswith(".")
        assert "  " not in text
        assert "None" not in text
        assert "()" not in text


@given(values=st.lists(st.integers(0, 100), min_size=2, max_size=8), today=DAYS, rule=st.sampled_from(RULES))
def test_the_order_of_the_readings_does_not_matter(values, today, rule):
    figures = readings(*(value / 100 for value in values))
    assert judge(rule, figures[::-1], today) == judge(rule, figures, today)


@given(values=VALUES, today=DAYS, rule=st.sampled_from(RULES), expires=DAYS)
def test_an_override_never_hides_the_wrong_way(values, today, rule, expires):
    figures = readings(*(value / 100 for value in values))
    plain = judge(rule, figures, today)
    set_by_hand = judge(rule, figures, today, override(expires=expires, status="reached"))
    assert set_by_hand.wrong_way == plain.wrong_way
    assert set_by_hand.code == (plain.code if today > expires else "reached")


@given(value=st.integers(0, 100), better=st.integers(0, 40))
def test_a_better_figure_never_gives_a_worse_status(value, better):
    order = ["wrong_way", "at_risk", "on_the_way", "reached"]
    rule = at_least()
    one = judge(rule, readings(0.61, value / 100), TODAY).code
    other = judge(rule, readings(0.61, (value + better) / 100), TODAY).code
    assert order.index(other) >= order.index(one)
