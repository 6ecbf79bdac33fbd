"""The room where answers are made: desks that are open in this process, and the answers that were asked for last.

A desk holds the people of every draw under one set of population assumptions; it takes seconds to open and answers a moved
lever in hundredths of a second. Desks open in the background and say how far they are. All that is kept here depends on what
is asked for and on nothing else, least of all on who asks.
"""

from __future__ import annotations

import functools
import gc
import json
import logging
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING

from django.db import DatabaseError, connections

from framsyn.errors import PlanError
from framsyn.outlook.desk import Desk
from framsyn.scenario.levers import move_levers, shown_value
from framsyn.web.explorer.keeping import Keeper
from framsyn.web.explorer.known import known_levers, region_on_view, scenario_of
from framsyn.web.explorer.state import NONE, State
from framsyn.web.outlooks.queries import main_run
from framsyn.web.outlooks.terms import Terms, terms

if TYPE_CHECKING:
    from framsyn.outlook.result import Outlook
    from framsyn.scenario import Scenario

__all__ = [
    "Laid",
    "NotOpen",
    "Opening",
    "Terms",
    "answer",
    "compared",
    "desk",
    "forget",
    "laid",
    "moved",
    "open_beforehand",
    "own_values",
    "scenario_of",
    "terms",
    "unmoved",
]

log = logging.getLogger("framsyn.web.explorer")

DESKS = 2  # each holds the people of every draw: some hundred megabytes
ANSWERS = 64  # light: what they are made from is the desk's
LAID = 512
REST = 30  # seconds before a desk that could not be opened is tried again


@dataclass
class Opening:
    """A desk that is being opened."""

    key: tuple[str, Terms]
    done: int = 0
    total: int = 0
    error: Exception | None = None
    began: float = field(default_factory=time.monotonic)

    @property
    def may_be_tried_again(self) -> bool:
        """Tell whether it failed some time ago."""
        return self.error is not None and time.monotonic() - self.began > REST

    @property
    def share(self) -> float:
        """How much is done, 0–1."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    def tell(self, done: int, total: int) -> None:
        """Note how far it is."""
        self.done, self.total = done, total


class NotOpen(Exception):
    """The desk that can answer is not open: it is being opened, or could not be, as the opening says."""

    def __init__(self, opening: Opening) -> None:
        super().__init__("the desk is not open")
        self.opening = opening


_lock = Lock()
_desks: OrderedDict[tuple[str, Terms], Desk] = OrderedDict()
_openings: dict[tuple[str, Terms], Opening] = {}
_opener = ThreadPoolExecutor(
    1, thread_name_prefix="framsyn-desk"
)  # one at a time: each takes every processor
_answers: Keeper[Outlook] = Keeper(ANSWERS)
_laid: Keeper[Laid] = Keeper(LAID)


def desk(scenario: Scenario, by: Terms | None = None) -> Desk | Opening:
    """Return the open desk that can answer a scenario, or the one that is opened for it from now on."""
    key = _key(scenario, by or terms())
    with _lock:
        if key in _desks:
            _desks.move_to_end(key)
            return _desks[key]
        opening = _openings.get(key)
        if opening is not None and not opening.may_be_tried_again:
            return opening
        opening = _openings[key] = Opening(key)
    _opener.submit(_open, scenario, opening)
    return opening


def _open(scenario: Scenario, opening: Opening) -> None:
    _, by = opening.key
    try:
        opened = Desk.open(
            region_on_view(),
            scenario,
            draws=by.draws,
            seed=by.seed,
            until=by.until,
            control=by.control,
            progress=opening.tell,
        )
        # What every answer shares, such as the sums over age, is made at the first of them, and not while somebody waits.
        opened.answer(scenario).lines([("beds", None, ("year",)), ("result", None, ("year",))])
    except Exception as error:
        opening.error = error
        log.exception("desk not opened", extra={"scenario": scenario.name})
        return
    home = _people(scenario_of(State.scenario))
    with _lock:
        _desks[opening.key] = opened
        # The desk that nearly everybody sits at stays open, whatever people somebody tries out.
        while len(_desks) > DESKS:
            oldest = next(key for key in _desks if key != (home, opening.key[1]))
            del _desks[oldest]
        _openings.pop(opening.key, None)
    settle()
    log.info(
        "desk opened",
        extra={"scenario": scenario.name, "seconds": round(time.monotonic() - opening.began, 2)},
    )


def settle() -> None:
    """Let the collector of cycles leave alone what is there now: a look at all of it would keep a moved lever waiting.

    What was left alone before is looked at first, so that a desk that was closed is not kept.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


@dataclass(frozen=True)
class Laid:
    """A scenario with levers laid on it."""

    base: Scenario
    scenario: Scenario
    digest: str

    @functools.cached_property
    def own(self) -> dict[str, float]:
        """Where it has each lever, in the unit that is shown and with its digits."""
        return own_values(self.scenario)


def own_values(scenario: Scenario) -> dict[str, float]:
    """Return where a scenario has each lever, in the unit that is shown and with its digits."""
    return {name: shown_value(lever, scenario) for name, lever in known_levers().items()}


def laid(name: str, levers: tuple[tuple[str, float], ...] = ()) -> Laid:
    """Return a named scenario with its levers moved; the very same scenario where none is.

    Raises
    ------
    PlanError
        There is no such scenario for this reader, or a lever cannot stand there.
    """
    base = scenario_of(name)  # asked each time: it may have been taken back from this reader
    found = _laid.find((name, levers))
    if found is None or (found.base is not base and found.base.digest() != base.digest()):
        scenario = move_levers(base, region_on_view(), dict(levers)) if levers else base
        found = Laid(base, scenario, scenario.digest())
        _laid.put((name, levers), found)
    return found


def answer(state: State, by: Terms | None = None) -> Outlook:
    """Return the outlook of a state.

    Raises
    ------
    NotOpen
        While its desk is being opened; ask again.
    PlanError
        The levers cannot be set so.
    """
    return _answer(laid(state.scenario, state.levers), by or terms())


def compared(state: State, by: Terms | None = None) -> Outlook | None:
    """Return the outlook that the state is held against, if there is one."""
    return None if state.compare == NONE else _answer(laid(state.compare), by or terms())


def _answer(asked: Laid, by: Terms) -> Outlook:
    found = desk(asked.scenario, by)
    if isinstance(found, Opening):
        raise found.error if isinstance(found.error, PlanError) else NotOpen(found)
    return _answers.get((asked.digest, by), lambda: found.answer(asked.scenario))


def moved(state: State) -> Scenario:
    """Return the scenario of a state with its levers moved; the very same scenario where none is."""
    return laid(state.scenario, state.levers).scenario


def unmoved(state: State, of: str = "") -> State:
    """Return the state without the levers that stand where the scenario has them.

    Parameters
    ----------
    state : State
    of : str
        The scenario that a form was drawn for; a lever that stands where that one has it was not moved by anybody.
    """
    if not state.levers:
        return state
    try:
        own = laid(of or state.scenario).own
    except PlanError:
        own = laid(state.scenario).own
    levers = tuple((name, value) for name, value in state.levers if value != own[name])
    return replace(state, levers=levers) if levers != state.levers else state


def open_beforehand() -> None:
    """Begin to open the desk of the scenario that the site shows, before anybody asks for it; nobody waits for it."""
    _opener.submit(_begin)


def _begin() -> None:
    try:
        run = main_run()
        if run is not None:
            desk(scenario_of(run.scenario), terms())
    except (DatabaseError, PlanError):  # a new, empty site: the desk is opened when somebody comes
        log.info("no desk is opened beforehand")
    finally:
        connections.close_all()  # the connections of this thread, which asks once


def forget() -> None:
    """Close every desk and let go of every answer; for tests."""
    with _lock:
        _desks.clear()
        _openings.clear()
    _answers.forget()
    _laid.forget()


def _key(scenario: Scenario, by: Terms) -> tuple[str, Terms]:
    return _people(scenario), by


def _people(scenario: Scenario) -> str:
    """What people are made from beside the terms: the region's data and the population assumptions."""
    people = [a.model_dump_json(by_alias=True) for a in scenario.assumptions if a.kind == "population"]
    return json.dumps([region_on_view().digest(), *people])
