"""The site that the load benchmark reads: the demo's content and outlook, and far more measures and observations.

What is added is synthetic and says nothing about any place; one seed makes the same rows every time.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from typing import Any

__all__ = ["fill"]

BATCH = 2000
GENERATED = 40  # indicators with a monthly figure
MONTHS = 120
WORDS = (
    "ventetid",
    "pasientforløp",
    "digital",
    "rekruttering",
    "beredskap",
    "samarbeid",
    "kvalitet",
    "opplæring",
)


def fill(measures: int, observations: int, draws: int, seed: int = 1) -> dict[str, Any]:
    """Fill the empty site of this process's environment, and return the addresses of its pages by kind.

    Parameters
    ----------
    measures, observations : int
        How many there are in all afterwards, the demo's own included.
    draws : int
        Of the outlook.
    seed : int
    """
    from framsyn.web.operations import start

    start.set_up()
    start.bring_up_to_date()
    from framsyn.web.actions import Actor
    from framsyn.web.indicators.models import Observation
    from framsyn.web.measures.models import Measure
    from framsyn.web.operations import demo
    from framsyn.web.search.index import rebuild

    actor, dice = Actor.system("benchmark"), random.Random(seed)
    demo.load(actor)
    demo.store(actor, outlooks(draws))
    add_measures(measures - Measure.objects.count(), dice)
    add_observations(observations - Observation.objects.count(), dice)
    rebuild()
    settle()
    return {
        "paths": paths(),
        "measures": Measure.objects.count(),
        "observations": Observation.objects.count(),
    }


def outlooks(draws: int) -> list[Any]:
    """Run what the demo runs."""
    import framsyn

    region = framsyn.Region.load("midt-norge")
    return [framsyn.run(region, name, draws=draws) for name in ("plan", "demography")]


def add_measures(count: int, dice: random.Random) -> None:
    """Add measures with all that belongs to them."""
    from django.utils import timezone

    from framsyn.web.accounts.models import Organisation
    from framsyn.web.measures.models import Assignment, Benefit, Measure, Risk, StatusReport, Task
    from framsyn.web.plan.models import Element

    now, today = timezone.now(), timezone.localdate()
    trusts = list(Organisation.objects.filter(kind="trust").values_list("pk", flat=True))
    goals = list(Element.objects.filter(kind="goal").values_list("pk", flat=True))
    phases, statuses, days = Measure.Phase.values, StatusReport.Status.values, datetime.timedelta
    made = [
        Measure(
            id=f"generated-{number}", title=words(dice, f"Tiltak {number}"), text=words(dice, "Tekst", 40),
            organisation_id=dice.choice(trusts), owner_unit={"nb": "Klinikk"}, phase=dice.choice(phases),
            start=today - days(dice.randrange(900)), end=today + days(dice.randrange(900)),
            cost=dice.uniform(1, 90), fte=dice.uniform(0, 20), created_at=now, updated_at=now, position=1000 + number,
        )
        for number in range(max(count, 0))
    ]  # fmt: skip
    Measure.objects.bulk_create(made, BATCH)
    link = Measure.goals.through
    link.objects.bulk_create([link(measure_id=m.id, element_id=dice.choice(goals)) for m in made], BATCH)
    Task.objects.bulk_create(
        [
            Task(measure_id=m.id, title=words(dice, f"Oppgave {n}"), due=m.end, done_on=None if n else m.start, position=n)
            for m in made
            for n in range(3)
        ],
        BATCH,
    )  # fmt: skip
    Benefit.objects.bulk_create(
        [
            Benefit(
                measure_id=m.id, kind="hours", year=2026 + n, planned=dice.uniform(100, 900), realised=None
            )
            for m in made
            for n in range(2)
        ],
        BATCH,
    )
    Risk.objects.bulk_create(
        [
            Risk(measure_id=m.id, text=words(dice, "Risiko"), probability=dice.randint(1, 5), consequence=dice.randint(1, 5))
            for m in made
        ],
        BATCH,
    )  # fmt: skip
    StatusReport.objects.bulk_create(
        [
            StatusReport(measure_id=m.id, date=today, status=dice.choice(statuses), text="", created_at=now)
            for m in made
        ],
        BATCH,
    )  # fmt: skip
    Assignment.objects.bulk_create(
        [
            Assignment(
                measure_id=m.id, role="owner", organisation_id=m.organisation_id, unit=m.owner_unit, valid_from=m.start
            )
            for m in made
        ],
        BATCH,
    )  # fmt: skip


def words(dice: random.Random, head: str, count: int = 4) -> dict[str, str]:
    """Return a text in the three language forms."""
    text = f"{head} {' '.join(dice.choice(WORDS) for _ in range(count))}"
    return {"nb": text, "nn": text, "en": text}


def add_observations(count: int, dice: random.Random) -> None:
    """Add monthly figures of generated indicators, from many places."""
    from framsyn.web.indicators.models import Indicator, Observation

    if count <= 0:
        return
    sample = Indicator.objects.order_by("position").first()
    names = [f"generated-{number}" for number in range(GENERATED)]
    Indicator.objects.bulk_create(
        [
            Indicator(
                id=name, name=words(dice, name), definition=words(dice, "Definisjon", 12), unit="days", decimals=1,
                frequency="month", direction="down", source={"nb": "Syntetisk"}, responsible_id=sample.responsible_id,
                position=1000 + number,
            )
            for number, name in enumerate(names)
        ]
    )  # fmt: skip
    batch: list[Any] = []
    for row in observation_rows(count, names, dice):
        batch.append(Observation(**row))
        if len(batch) == BATCH:
            Observation.objects.bulk_create(batch)
            batch = []
    Observation.objects.bulk_create(batch)


def observation_rows(count: int, names: list[str], dice: random.Random) -> Iterator[dict[str, Any]]:
    """Give figures month by month back in time, for as many places as it takes."""
    from django.utils import timezone

    from framsyn.web.accounts.models import Organisation

    now, first = timezone.now(), timezone.localdate().replace(day=1)
    starts = [first]
    for _ in range(MONTHS):
        starts.append((starts[-1] - datetime.timedelta(days=1)).replace(day=1))
    places = ["hmn", *Organisation.objects.filter(kind="trust").values_list("pk", flat=True)]
    places += [f"place-{number}" for number in range(count // (len(names) * MONTHS) + 1)]
    left = count
    for place in places:
        for name in names:
            level = dice.uniform(20, 90)
            for month in range(MONTHS):
                if not left:
                    return
                left -= 1
                end = starts[month] - datetime.timedelta(days=1)
                yield {
                    "indicator_id": name, "place": place, "period_start": starts[month + 1], "period_end": end,
                    "value": round(dice.gauss(level, level / 12), 1), "data_through": end, "source": "Synthetic",
                    "quality": "synthetic", "created_at": now,
                }  # fmt: skip


def settle() -> None:
    """Let the database know what it holds, as its own housekeeping does in time."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def paths() -> dict[str, list[str]]:
    """Return the addresses of pages by kind, of those kinds that the site has."""
    from django.urls import NoReverseMatch, reverse

    from framsyn.web.indicators.models import Indicator
    from framsyn.web.measures.models import Measure
    from framsyn.web.plan.models import Element, Plan

    def ids(rows: Any) -> list[Any]:
        return list(rows.order_by("pk").values_list("pk", flat=True))

    goals, others = (
        Element.objects.filter(kind="goal"),
        Element.objects.filter(kind__in=("ambition", "driver", "section")),
    )
    wanted = {
        "home": [None], "plans": [None], "plan": ids(Plan.objects.all()), "element": ids(others), "goals": [None],
        "goal": ids(goals), "indicators": [None], "indicator": ids(Indicator.objects.all()), "measures": [None],
        "measure": ids(Measure.objects.all()), "outlook": [None],
    }  # fmt: skip
    found = {}
    for name, keys in wanted.items():
        try:
            found[name] = [reverse(name, args=[] if key is None else [key]) for key in keys]
        except NoReverseMatch:
            continue
    return found
