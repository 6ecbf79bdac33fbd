"""Figures of scenarios are computed one after the other beside the pages, which say that they come and look again.

Nothing but results is kept: what a process has not computed when it ends is asked for anew by the next page that needs it.
"""

from __future__ import annotations

import functools
import logging
import os
from collections import OrderedDict
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connections
from django.utils.translation import gettext_noop

from framsyn.analyses.explain import explain
from framsyn.errors import PlanError
from framsyn.outlook.manifest import make_manifest
from framsyn.outlook.run import run
from framsyn.scenario import Scenario
from framsyn.web.actions import Act, Actor, action
from framsyn.web.outlooks.queries import region_of
from framsyn.web.outlooks.terms import Terms
from framsyn.web.scenarios.figures import cause, facts_of, where_of
from framsyn.web.scenarios.models import Comparison, Reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from framsyn.region import Region

__all__ = [
    "COMPARED",
    "WORK",
    "Work",
    "ask_comparison",
    "ask_reading",
    "first_manifest",
    "manifest_now",
    "scenario_from",
]

log = logging.getLogger("framsyn.web.scenarios")
TERMS = ("draws", "seed", "until", "control")
COMPARED: tuple[tuple[str, str], ...] = (("need", "SOM"), ("beds", ""), ("result", ""))
MOST = 40  # jobs that wait; whoever asks for more is told to come back
TROUBLE = gettext_noop("The figures could not be computed. The log of the site says why.")


class Work:
    """Jobs of this process, each once, in the order in which they were asked for."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.waiting: OrderedDict[str, Callable[[], None]] = OrderedDict()
        self.failed: OrderedDict[str, str] = OrderedDict()
        self.at = ""
        self.process = 0

    def ask(self, key: str, job: Callable[[], None]) -> None:
        """Put a job in the queue, unless it is there, has failed, or the queue is full."""
        with self.lock:
            if key in self.waiting or key == self.at or key in self.failed or len(self.waiting) >= MOST:
                return
            self.waiting[key] = job
            start = settings.SCENARIO_COMPUTING and self.process != os.getpid()
            if start:
                self.process = os.getpid()
        if start:
            Thread(target=self.run, name="scenarios", daemon=True).start()

    def trouble(self, key: str) -> str:
        """Return why a job failed; nothing when it did not."""
        return self.failed.get(key, "")

    def ahead(self, key: str) -> int:
        """Return how many jobs come before one that waits, the one at work counted."""
        with self.lock:
            before = list(self.waiting).index(key) if key in self.waiting else 0
            return before + (1 if self.at and self.at != key else 0)

    def run(self) -> None:
        """Work until nothing waits; the next job starts another thread."""
        while self.once():
            pass
        connections.close_all()

    def once(self) -> bool:
        """Do the next job; whether there was one."""
        with self.lock:
            if not self.waiting:
                self.process = 0
                return False
            key, job = self.waiting.popitem(last=False)
            self.at = key
        try:
            job()
        except PlanError as error:
            self.fail(key, error.message)
        except Exception:
            log.exception("a scenario could not be computed", extra={"key": key})
            self.fail(key, TROUBLE)
        finally:
            with self.lock:
                self.at = ""
        return True

    def fail(self, key: str, message: str) -> None:
        """Remember why a job failed; it is not tried again by this process."""
        with self.lock:
            self.failed[key] = message
            while len(self.failed) > 10 * MOST:
                self.failed.popitem(last=False)

    def forget(self) -> None:
        """Begin anew."""
        with self.lock:
            self.waiting.clear()
            self.failed.clear()


WORK = Work()


class _Digested:
    """A scenario of which only name and digest are known: enough for the id of its run."""

    def __init__(self, name: str, digest: str) -> None:
        self.name, self._digest = name, digest

    def digest(self) -> str:
        return self._digest


def manifest_now(manifest: dict[str, Any], by: Terms | None = None) -> dict[str, Any]:
    """Return the manifest that the same scenario has under the engine and the data of today.

    Parameters
    ----------
    manifest : dict
        Of any run of it.
    by : Terms, optional
        Draws, seed, last year and control; those of that run if left out.
    """
    made = by or Terms(*(manifest[name] for name in TERMS))
    return make_manifest(
        region_of(manifest["region"]),
        _Digested(manifest["scenario"], manifest["scenario_digest"]),  # type: ignore[arg-type]
        made.draws,
        made.seed,
        made.until,
        made.control,
    )


def first_manifest(region: Region, scenario: Scenario, by: Terms) -> dict[str, Any]:
    """Return the manifest of a scenario that is run as the explorer runs it."""
    return make_manifest(region, scenario, by.draws, by.seed, by.until, by.control)


@functools.lru_cache(maxsize=64)
def scenario_from(text: str) -> Scenario:
    """Return the scenario that a text holds, read once per process."""
    return Scenario.from_toml(text)


@action("scenario.compute")
def keep_reading(act: Act, facts: dict[str, Any]) -> Reading:
    """Keep what a scenario gave; the system does it, once for each run id."""
    act.require(None)
    reading = Reading.objects.filter(pk=facts["id"]).first()
    if reading is None:
        reading = Reading(**facts, computed_at=act.at)
        reading.save()
    act.record(reading, after={"run": reading.pk, "engine": facts["manifest"]["engine"]}, label=reading.pk)
    return reading


@action("scenario.compute")
def keep_comparison(act: Act, first: Reading, second: Reading, causes: list[dict[str, Any]]) -> Comparison:
    """Keep why two runs differ."""
    act.require(None)
    defaults = {"causes": causes, "made_at": act.at}
    found, _new = Comparison.objects.get_or_create(first=first, second=second, defaults=defaults)
    act.record(found, after={"first": first.pk, "second": second.pk}, label=str(found))
    return found


def ask_reading(manifest: dict[str, Any], text: Callable[[], str]) -> None:
    """Ask for the figures of a run; ``text`` gives the scenario's TOML when its turn comes."""

    def job() -> None:
        if not Reading.objects.filter(pk=manifest["id"]).exists():
            told = (manifest[name] for name in TERMS)
            facts = facts_of(run(region_of(manifest["region"]), scenario_from(text()), *told))
            if facts["id"] != manifest["id"]:
                message = (
                    f"the run has the id {facts['id']}; expected {manifest['id']}. Start the site again."
                )
                raise PlanError("run-id-differs", message, got=facts["id"], expected=manifest["id"])
            keep_reading(Actor.system("scenarios"), facts)

    WORK.ask(manifest["id"], job)


class _Run:
    """What :func:`framsyn.analyses.explain.explain` asks of an outlook, without its draws."""

    def __init__(self, reading: Reading, scenario: Scenario) -> None:
        self.manifest = reading.manifest
        self.region = region_of(reading.manifest["region"])
        self.scenario = scenario
        self.years = list(range(self.region.base_year, int(reading.manifest["until"]) + 1))


def ask_comparison(first: Reading, second: Reading, texts: Callable[[], tuple[str, str]]) -> str:
    """Ask why two runs differ; return the key of the job."""
    key = f"{first.pk}:{second.pk}"

    def job() -> None:
        before, after = (
            _Run(one, scenario_from(text)) for one, text in zip((first, second), texts(), strict=True)
        )
        causes = [
            cause(explain(before, after, name=name, where=where_of(part)), part)  # type: ignore[arg-type]
            for name, part in COMPARED
        ]
        keep_comparison(Actor.system("scenarios"), first, second, causes)

    WORK.ask(key, job)
    return key
