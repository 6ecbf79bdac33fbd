"""The site's secret key: made once, kept beside the database, readable by its owner alone."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["secret_key"]


def secret_key(folder: Path) -> str:
    """Return the key kept in a folder, made there the first time.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    str
        At least 50 characters.
    """
    path = folder / "secret-key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".secret-key.{os.getpid()}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(50))
        try:
            os.link(fresh, path)  # of two processes that start together one wins, and both read its key
        except FileExistsError:
            pass
        except OSError:  # a file system without hard links
            fresh.replace(path)
        fresh.unlink(missing_ok=True)
    return path.read_text(encoding="utf-8").strip()
