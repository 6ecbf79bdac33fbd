"""Workbooks between "shown" and "done": kept for a day, for the one who brought them alone.

They are working papers and no part of the plan: files in the data folder, not in the database and not in backups.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from framsyn.web.exchange.difference import from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.contrib.auth.models import AbstractUser

    from framsyn.web.exchange.difference import Difference

__all__ = ["DAY", "Kept", "forget", "keep", "kept", "kept_by"]

DAY = 24 * 3600
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,40}")
_WORKBOOK, _FACTS = "workbook.xlsx", "facts.json"


@dataclass(frozen=True)
class Kept:
    """A workbook that waits for its yes."""

    token: str
    name: str
    at: str
    folder: Path

    @property
    def content(self) -> bytes:
        """The workbook as it was brought."""
        return (self.folder / _WORKBOOK).read_bytes()

    def shown(self, language: str) -> Difference | None:
        """Return the difference as it was last shown in a language."""
        try:
            return from_json((self.folder / f"difference-{language}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def show(self, language: str, found: Difference) -> None:
        """Keep the difference that is shown; those in other languages are made anew."""
        for old in self.folder.glob("difference-*.json"):
            old.unlink(missing_ok=True)
        fresh = self.folder / f"{secrets.token_hex(8)}.partial"
        fresh.write_text(to_json(found), encoding="utf-8")
        fresh.replace(self.folder / f"difference-{language}.json")


def _root() -> Path:
    return Path(settings.DATA) / "exchange"


def keep(user: AbstractUser, content: bytes, name: str) -> Kept:
    """Keep a workbook; those older than a day are taken away."""
    for old in _folders():
        if time.time() - old.stat().st_mtime > DAY:
            shutil.rmtree(old, ignore_errors=True)
    token = secrets.token_urlsafe(18)
    folder = _root() / token
    folder.mkdir(parents=True, mode=0o700)
    facts = {
        "user": user.pk,
        "name": Path(name.replace("\\", "/")).name[:120],
        "at": timezone.now().isoformat(),
    }
    (folder / _WORKBOOK).write_bytes(content)
    (folder / _FACTS).write_text(json.dumps(facts), encoding="utf-8")
    return Kept(token, str(facts["name"]), str(facts["at"]), folder)


def kept(user: AbstractUser, token: str) -> Kept | None:
    """Return a workbook of this user; to everybody else it is not there."""
    if not _TOKEN.fullmatch(token):
        return None
    folder = _root() / token
    try:
        facts = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if facts.get("user") != user.pk or not (folder / _WORKBOOK).is_file():
        return None
    return Kept(token, facts["name"], facts["at"], folder)


def kept_by(user: AbstractUser) -> list[Kept]:
    """Return the workbooks of a user that wait, the newest first."""
    found = [one for folder in _folders() if (one := kept(user, folder.name)) is not None]
    return sorted(found, key=lambda one: one.at, reverse=True)


def forget(one: Kept) -> None:
    """Take a workbook away: it was done, or is not wanted."""
    shutil.rmtree(one.folder, ignore_errors=True)


def _folders() -> Iterator[Path]:
    root = _root()
    if root.is_dir():
        yield from (folder for folder in root.iterdir() if folder.is_dir())
