"""The keys of the log: what whoever writes the database alone does not have.

The key is derived from the site's secret key. Every stamp and seal names its key, so that what an earlier secret key sealed
can still be checked: that key stands, one a line, in the file ``earlier-keys`` of the data folder.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["EARLIER", "Key", "key_of", "known_keys", "present_key"]

EARLIER = "earlier-keys"


@dataclass(frozen=True)
class Key:
    """One key of the log.

    Parameters
    ----------
    id : str
        Eight letters that tell keys apart and nothing about them.
    secret : bytes
    """

    id: str
    secret: bytes

    def digest(self, text: str) -> str:
        """Return the HMAC-SHA-256 of a text in hexadecimal."""
        return hmac.digest(self.secret, text.encode(), "sha256").hex()

    def short(self, text: str) -> str:
        """Return eight letters that tell a text from others, to whoever has the key; quicker than :meth:`digest`."""
        return hashlib.blake2s(text.encode(), key=self.secret, digest_size=4).hexdigest()


@lru_cache(maxsize=32)
def key_of(secret_key: str) -> Key:
    """Return the key of the log that belongs to a secret key of the site.

    >>> key_of("one").id == key_of("one").id != key_of("another").id
    True
    """
    secret = hmac.digest(secret_key.encode(), b"framsyn audit log", "sha256")
    return Key(hashlib.sha256(b"id of " + secret).hexdigest()[:8], secret)


def present_key() -> Key:
    """Return the key that entries are stamped and sealed with now."""
    return key_of(settings.SECRET_KEY)


def known_keys(folder: Path | None = None) -> dict[str, Key]:
    """Return the present key and those of earlier secret keys, by their ids.

    Parameters
    ----------
    folder : Path, optional
        The data folder; that of the settings if left out.
    """
    file = (folder or settings.DATA) / EARLIER
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    keys = [present_key(), *(key_of(line.strip()) for line in lines if line.strip())]
    return {key.id: key for key in keys}
