"""Short names of new indicators."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from framsyn.web.indicators.models import Indicator
from framsyn.web.languages import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["free_id"]

_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "å": "a", "đ": "d", "ŋ": "n", "ŧ": "t"})


def free_id(name: Mapping[str, str]) -> str:
    """Return a short name for a new indicator that nobody has used, made from its name."""
    words = next((name[code] for code in ("en", *LANGUAGES) if name.get(code)), "indicator")
    plain = (
        unicodedata.normalize("NFKD", words.lower().translate(_LETTERS)).encode("ascii", "ignore").decode()
    )
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "indicator"
    taken = set(Indicator.objects.filter(pk__startswith=stem).values_list("pk", flat=True)) | {"new"}
    number, found = 1, stem
    while found in taken:
        number += 1
        found = f"{stem}-{number}"
    return found
