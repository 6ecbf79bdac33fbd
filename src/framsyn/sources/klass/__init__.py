"""Codes that hold at a time, what became of them, and figures carried from old codes to new.

``client`` asks KLASS; ``weights`` says how a code that was split is shared; ``carrying`` carries a table over and tells
what it did.
"""

from framsyn.sources.klass.carrying import carry
from framsyn.sources.klass.client import (
    BASE,
    DISTRICT_PSYCHIATRIC_AREAS,
    HOSPITAL_AREAS,
    MUNICIPALITIES,
    changes,
    classifications,
    codes_at,
    correspondence,
    read_changes,
    read_codes,
    read_correspondence,
)
from framsyn.sources.klass.weights import municipality_weights, read_weights, weights_from_counts

__all__ = [
    "BASE",
    "DISTRICT_PSYCHIATRIC_AREAS",
    "HOSPITAL_AREAS",
    "MUNICIPALITIES",
    "carry",
    "changes",
    "classifications",
    "codes_at",
    "correspondence",
    "municipality_weights",
    "read_changes",
    "read_codes",
    "read_correspondence",
    "read_weights",
    "weights_from_counts",
]
