"""What a view is answered with: the blocks of the page, one sentence that says it, and the run behind them."""

from __future__ import annotations

import functools
import gzip
import hashlib
import json
import time
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from django.conf import settings

from framsyn.analyses.sets import pause
from framsyn.outlook.manifest import engine_version
from framsyn.web.explorer import room
from framsyn.web.explorer.form import address_of
from framsyn.web.explorer.keeping import Keeper
from framsyn.web.explorer.known import region_on_view
from framsyn.web.explorer.results import Block, blocks
from framsyn.web.explorer.sentence import beds_sentence
from framsyn.web.explorer.state import NONE
from framsyn.web.explorer.turns import Turns, file_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from framsyn.web.explorer.state import State

__all__ = ["PARTS", "Reply", "forget", "kept", "reply", "tag", "unhurried"]

PARTS = ("now", "later")
"""What is drawn while a lever moves, and what follows when it rests."""
ROOM = 48 * 2**20  # bytes of replies in one process
PACKING = 5  # of 9: a tenth larger than the best and twice as fast


@dataclass(frozen=True)
class Reply:
    """An answer, drawn."""

    run: str
    sentence: str
    blocks: tuple[Block, ...]
    seconds: float
    text: bytes
    packed: bytes

    @property
    def size(self) -> int:
        """Bytes that it takes in memory, nearly: its drawings are held as text and as what is sent."""
        return 2 * len(self.text) + len(self.packed)


_later = Lock()


@functools.lru_cache(maxsize=1)
def _turns() -> Turns:
    return Turns(file_of(str(settings.DATA)))


_kept: Keeper[Reply] = Keeper(ROOM, lambda reply: reply.size)


def tag(state: State, lang: str, part: str, narrow: bool, by: room.Terms) -> str:
    """Return the mark of a reply, which is known before the reply is made: it depends on nothing else.

    Raises
    ------
    PlanError
        A scenario that this reader may not see, or levers that cannot be set so.
    """
    scenarios = [room.laid(state.scenario, state.levers).digest]
    if state.compare != NONE:
        scenarios.append(room.laid(state.compare).digest)
    said = [
        engine_version(),
        region_on_view().digest(),
        *scenarios,
        state.query(),
        lang,
        part,
        narrow,
        repr(by),
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]


def reply(state: State, lang: str, part: str, narrow: bool, by: room.Terms) -> Reply:
    """Return a reply; one that is being made for somebody else is waited for.

    Parameters
    ----------
    state : State
    lang : {"nb", "nn", "en"}
    part : {"now", "later"}
    narrow : bool
        Drawn for a phone.
    by : Terms

    Raises
    ------
    NotOpen
        While the desk is being opened.
    PlanError
        The view cannot be answered.
    """
    mark = tag(state, lang, part, narrow, by)
    if part == "later":
        return _kept.get(mark, lambda: _made_in_turn(state, lang, part, narrow, by))
    with _turns().hurry():
        return _kept.get(mark, lambda: _made(state, lang, part, narrow, by))


def unhurried(state: State, lang: str, narrow: bool, by: room.Terms) -> Reply | None:
    """Return what follows when a lever rests; None while this process makes that for somebody else.

    It takes many times as long as what follows the hand, and must not keep those waiting whose hand is moving.
    """
    found = kept(state, lang, "later", narrow, by)
    if found is not None or not _later.acquire(blocking=False):
        return found
    try:
        return reply(state, lang, "later", narrow, by)
    finally:
        _later.release()


def kept(state: State, lang: str, part: str, narrow: bool, by: room.Terms) -> Reply | None:
    """Return a reply if it has been made already."""
    return _kept.find(tag(state, lang, part, narrow, by))


def forget() -> None:
    """Let go of every reply; for tests."""
    _kept.forget()


def _made_in_turn(state: State, lang: str, part: str, narrow: bool, by: room.Terms) -> Reply:
    """Make a reply that is not hurried: whoever is goes first."""
    courtesy = _turns().courtesy()
    token = pause.set(courtesy)
    try:
        return _made(state, lang, part, narrow, by, courtesy)
    finally:
        pause.reset(token)


def _made(
    state: State,
    lang: str,
    part: str,
    narrow: bool,
    by: room.Terms,
    courtesy: Callable[[], None] = lambda: None,
) -> Reply:
    began = time.perf_counter()
    answer = room.answer(state, by)
    drawn = tuple(blocks(answer, room.compared(state, by), state, lang, part, narrow, courtesy))
    sentence = beds_sentence(answer, state, lang)
    seconds = time.perf_counter() - began
    said = {
        "address": address_of(state),
        "run": answer.id,
        "part": part,
        "sentence": sentence,
        "seconds": round(seconds, 4),
        "blocks": {block.id: block.html for block in drawn},
    }
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    return Reply(answer.id, sentence, drawn, seconds, text, gzip.compress(text, PACKING, mtime=0))
