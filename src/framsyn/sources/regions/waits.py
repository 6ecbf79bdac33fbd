"""Waiting times of an authority out of an export of the national quality indicators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framsyn.sources.regions.authorities import plain_name

if TYPE_CHECKING:
    import pandas as pd

    from framsyn.sources.regions.authorities import Authority

__all__ = ["read_waits"]

INDICATORS = {
    "374": ("SOM", "mean_wait", "day"),
    "375": ("TSB", "started", "person"),
    "19": ("PHBU", "entitled", "person"),
}
"""Number of an indicator → service area, measure and unit of the table ``waiting``."""
COLUMNS = ["place", "service_area", "measure", "year", "value", "unit"]


def read_waits(indicators: pd.DataFrame | None, authority: Authority) -> pd.DataFrame:
    """Yearly waiting times and counts of the authority and its trusts.

    Parameters
    ----------
    indicators : DataFrame or None
        From :func:`framsyn.sources.quality_indicators.read_indicators`; None where there is no export.
    authority : Authority

    Returns
    -------
    DataFrame
        place, service_area, measure, year, value, unit; empty without an export. A hidden or missing value is left out.

    Examples
    --------
    >>> from framsyn.sources.regions import find_authority
    >>> read_waits(None, find_authority("helse-nord")).empty
    True
    """
    import pandas as pd

    if indicators is None:
        return pd.DataFrame(columns=COLUMNS)
    places = {plain_name(trust.name): trust.key for trust in authority.trusts}
    places |= {plain_name(authority.name): "region", plain_name(f"{authority.name} RHF"): "region"}
    frame = indicators[
        indicators["indicator_id"].isin(INDICATORS) & (indicators["term"] == 0) & indicators["value"].notna()
    ]
    frame = frame.assign(place=[places.get(plain_name(name), "") for name in frame["location"]])
    frame = frame[frame["place"] != ""]
    for position, column in enumerate(("service_area", "measure", "unit")):
        frame[column] = [INDICATORS[number][position] for number in frame["indicator_id"]]
    frame = frame.drop_duplicates(["place", "service_area", "measure", "year"])
    return frame[COLUMNS].sort_values(COLUMNS[:4]).reset_index(drop=True)
