"""Progress of long work on stderr: what is being done, how far it is, how long it takes; cancelled with Ctrl-C.

On a terminal there is a bar per phase. Elsewhere a line tells when a phase begins, and one every ten seconds where it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Thread
from time import perf_counter
from types import TracebackType
from typing import Protocol, TypeVar

from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn
from rich.text import Text

from framsyn.cli.terminal import stderr
from framsyn.report.numbers import number

__all__ = ["Cancelled", "Step", "Work", "beside"]

Result = TypeVar("Result")
LINE_EVERY = 10.0
PATIENCE = 4.0


class Step(Protocol):
    """Moves a phase on: how much is done, of how much, and what was done last."""

    def __call__(self, done: int, total: int, what: str = "") -> None:
        """Show where the phase is."""


class Cancelled(KeyboardInterrupt):
    """The user stopped the work; the text says where it was."""


class WhereColumn(ProgressColumn):
    """How far a phase is, in its own unit; before its first step, why it may take a while."""

    def render(self, task: Task) -> Text:
        """Return the text of a task."""
        if task.total and task.completed:
            return Text(task.fields["where"])
        if not task.finished and (task.elapsed or 0.0) > PATIENCE:
            return Text(task.fields["hint"], style="dim")
        return Text("")


class Work:
    """Phases of long work, shown on stderr.

    Used as a context manager; ``seconds`` tells afterwards how long each phase took.

    Attributes
    ----------
    seconds : dict of str to float [s]
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._console = stderr()
        self._bars: Progress | None = None

    def __enter__(self) -> Work:
        """Start to show."""
        if self._console.is_terminal and not self._console.is_dumb_terminal:
            self._bars = Progress(
                TextColumn("{task.description}"),
                BarColumn(bar_width=24),
                WhereColumn(),
                TimeElapsedColumn(),
                console=self._console,
                transient=True,
            )
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bars away."""
        if self._bars is not None:
            self._bars.stop()
            self._bars = None

    @contextmanager
    def phase(self, text: str, size: int = 0, unit: str = "", hint: str = "") -> Iterator[Step]:
        """Show one phase and give the function that moves it on.

        Parameters
        ----------
        text : str
            What is being done, such as ``"Running plan"``.
        size : int
            How much there is in the unit that is shown, if the steps count something else.
        unit : str
            What is counted, such as ``"draws"``.
        hint : str
            Shown while the first step is awaited for long.
        """
        began = last = perf_counter()
        where = ""
        bars = self._bars  # of this phase, which may outlast them in a thread of its own
        task = None
        if bars is not None:
            task = bars.add_task(text, total=None, where="", hint=hint)
        else:
            self._console.print(Text(f"{text} …"))

        def step(done: int, total: int, what: str = "") -> None:
            nonlocal last, where
            where = told(done, total, size, unit) + (f", {what}" if what else "")
            if bars is not None and task is not None:
                bars.update(task, completed=done, total=total, where=where)
            elif perf_counter() - last > LINE_EVERY:
                last = perf_counter()
                self._console.print(Text(f"{text}: {where}, {last - began:.0f} s"))

        try:
            yield step
        except KeyboardInterrupt as stop:
            place = text[0].lower() + text[1:]
            raise Cancelled(f"{place} ({where})" if where else place) from stop
        self.seconds[text] = perf_counter() - began
        if bars is not None and task is not None:
            bars.update(task, completed=1, total=1, where="done")


def beside(function: Callable[[], Result]) -> Future[Result]:
    """Compute something in a thread of its own, which ends with the process and holds nothing up.

    >>> beside(lambda: 2 + 2).result()
    4
    """
    found: Future[Result] = Future()

    def compute() -> None:
        try:
            found.set_result(function())
        except BaseException as error:  # told where the result is asked for
            found.set_exception(error)

    Thread(target=compute, daemon=True).start()
    return found


def told(done: int, total: int, size: int = 0, unit: str = "") -> str:
    """Say how far something is, in its own unit.

    >>> told(7, 20, 1000, "draws"), told(3, 4)
    ('350 of 1,000 draws', '3 of 4')
    """
    if size:
        done, total = round(size * done / total), size
    return f"{number(done, 'en')} of {number(total, 'en')}{' ' if unit else ''}{unit}"
