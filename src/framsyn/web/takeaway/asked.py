"""The view that somebody wants to take away, read from the query as the explorer reads it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from framsyn.errors import PlanError
from framsyn.web.explorer import room
from framsyn.web.explorer.results.view import View
from framsyn.web.explorer.state import State
from framsyn.web.languages import current_language

if TYPE_CHECKING:
    from django.http import HttpRequest

    from framsyn.web.explorer.state import Fault

__all__ = ["Refused", "state_of", "view_of"]

PATIENCE = 30.0  # seconds that a file may take until its desk is open
PAUSE = 0.05


@dataclass
class Refused(Exception):
    """The query holds something that cannot be used: nothing is given out under an address that asks for something else."""

    messages: list[str]


def state_of(request: HttpRequest) -> tuple[State, tuple[Fault, ...]]:
    """Return the state that a request asks for, without levers that stand where the scenario has them."""
    state, faults = State.read(request.GET)
    return room.unmoved(state), faults


def view_of(request: HttpRequest) -> View:
    """Return the view of a request; waits while its desk is being opened.

    Raises
    ------
    Refused
        Part of the query cannot be used.
    room.NotOpen
        The desk took longer to open than anybody waits for a file.
    """
    state, faults = state_of(request)
    if faults:
        raise Refused([fault.message for fault in faults])
    try:
        return answered(state)
    except PlanError as error:
        raise Refused([str(error)]) from error


def answered(state: State) -> View:
    """Return a state with its answer."""
    by = room.terms()
    until = time.monotonic() + PATIENCE
    while True:
        try:
            answer, other = room.answer(state, by), room.compared(state, by)
            return View(answer, other, state, current_language(), narrow=False, is_paper=True)
        except room.NotOpen:
            if time.monotonic() > until:
                raise
            time.sleep(PAUSE)
