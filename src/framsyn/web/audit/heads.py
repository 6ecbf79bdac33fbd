"""The ends of the chains, kept outside the database.

Whoever cuts the newest entries off together with their seals leaves a chain that is whole, only shorter. What tells is a
head that was written elsewhere: into the file ``audit-heads.jsonl`` of the data folder after each sealing, and into whatever
``framsyn audit head`` was printed.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from framsyn.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["FILE", "Head", "append", "path_of", "read"]

FILE = "audit-heads.jsonl"
LARGE = 2**20  # bytes; then old lines are thinned
RECENT = 2_000  # lines that always stay


@dataclass(frozen=True)
class Head:
    """The end of a chain at some moment: how many entries it had, and the hash of the last.

    Parameters
    ----------
    chain : str
        Id of the organisation; empty for what concerns all.
    place : int
    hash : str
    """

    chain: str
    place: int
    hash: str


def path_of(folder: Path | None = None) -> Path:
    """Return the file of heads in a data folder; that of the settings if left out."""
    return (folder or settings.DATA) / FILE


def append(found: Iterable[Head]) -> None:
    """Write heads to the file, and see to it that they are on the disk."""
    at = timezone.now().isoformat(timespec="seconds")
    lines = "".join(json.dumps({"at": at, **asdict(head)}) + "\n" for head in found)
    path = path_of()
    path.parent.mkdir(parents=True, exist_ok=True)
    with _alone(path.parent):
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, lines.encode())
            os.fsync(handle)
            size = os.fstat(handle).st_size
        finally:
            os.close(handle)
        if size > LARGE:
            _thin(path)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time write the file; on Windows a line may then be thinned away at the worst."""
    with (folder / ".audit-heads").open("w", encoding="utf-8") as file:
        try:
            import fcntl
        except ImportError:
            yield
            return
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _thin(path: Path) -> None:
    """Keep the newest lines, and of older ones the last of each chain and day."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    old = {}
    for line in lines[:-RECENT]:
        one = json.loads(line)
        old[one["chain"], one["at"][:10]] = line
    fresh = path.with_name(f".{path.name}.partial")
    with fresh.open("w", encoding="utf-8") as file:
        file.writelines([*old.values(), *lines[-RECENT:]])
        file.flush()
        os.fsync(file.fileno())
    fresh.chmod(0o600)
    fresh.replace(path)


def read(path: Path) -> list[Head]:
    """Return the heads of a file, as the site writes it or as ``framsyn audit head --out`` writes it, by chain and place.

    Raises
    ------
    PlanError
        ``not-heads`` with the line that is not understood; a last line that was cut off by a crash is left out.
    """
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    found = set()
    try:
        whole = json.loads(text) if text.strip() else []
    except ValueError:
        whole = None
    if isinstance(whole, dict) and "heads" in whole:
        lines = [json.dumps(one) for one in whole["heads"]]
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            one = json.loads(line)
            found.add(Head(str(one["chain"]), int(one["place"]), str(one["hash"])))
        except (ValueError, KeyError, TypeError) as error:
            if number == len(lines) and not text.endswith("\n"):
                continue
            message = (
                f"{path}, line {number}: got {line[:60]!r}, expected an object with chain, place and hash as "
                "framsyn audit head --out writes it. Name the file that was kept."
            )
            raise PlanError("not-heads", message, file=str(path), line=number) from error
    return sorted(found, key=lambda head: (head.chain, head.place))
