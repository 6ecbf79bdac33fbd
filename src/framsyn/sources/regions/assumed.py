"""Hand-written tables that no client can give: national defaults, and the authority's own where it has them.

``national/`` holds what is assumed alike for every authority. ``own/`` holds what one authority has said of itself. Sums of
money, floor area and machines are set for Helse Midt-Norge; another authority takes them per inhabitant.
"""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from framsyn.sources.regions.authorities import Authority

__all__ = [
    "breaks",
    "controls",
    "equipment",
    "flows",
    "hand_written",
    "income",
    "parameters",
    "past_projections",
    "season",
    "use_ratio",
]

SERVICE_AREAS = ("SOM", "PHV", "PHBU", "TSB")
SET_FOR = "midt-norge"
SET_FOR_PEOPLE = 760_602
"""Inhabitants that the sums of the national defaults are set for: Helse Midt-Norge on 1 January 2025 [person]."""
SUMS = ("investment_base", "debt_start", "liquidity_start", "liquidity_floor", "building_stock_m2")
"""Parameters that are a sum for a whole authority and not a rate."""
FRAME_YEAR = 2020
PER_INHABITANT = "Helse Midt-Norge's {what} per inhabitant; the authority's own is not open in one place"


def hand_written(name: str, own: str = "") -> pd.DataFrame:
    """A hand-written table: the authority's own where it has one, else the national default.

    Parameters
    ----------
    name : str
        Name of the table.
    own : str
        Folder of the authority's own tables; empty for the national default.

    Examples
    --------
    >>> list(hand_written("wait_targets")["days"])
    [50, 40, 35, 30]
    """
    import pandas as pd

    root = resources.files("framsyn.sources.regions")
    path = root / "own" / own / f"{name}.csv"
    if not own or not path.is_file():
        path = root / "national" / f"{name}.csv"
    with path.open("rb") as file:
        return pd.read_csv(file, keep_default_na=False, dtype={"area": str}, encoding="utf-8")


def _said(frame: pd.DataFrame, quality: str = "assumption", source: str = "framsyn") -> pd.DataFrame:
    """The same quality and source in every row, before the reason."""
    made = frame.copy()
    made.insert(len(made.columns) - 1, "quality", quality)
    made.insert(len(made.columns) - 1, "source", source)
    return made


def _scale(authority: Authority, people: float) -> float:
    return 1.0 if authority.region == SET_FOR else people / SET_FOR_PEOPLE


def parameters(authority: Authority, people: float) -> pd.DataFrame:
    """Parameters that do not follow from figures; sums of a whole authority by its inhabitants.

    Parameters
    ----------
    authority : Authority
    people : float [person]
        Inhabitants of the authority in the base year.
    """
    frame = hand_written("parameters").astype({"value": float, "low": float, "high": float})
    if authority.region == SET_FOR:
        return frame
    scaled = frame["parameter"].isin(SUMS)
    for column in ("value", "low", "high"):
        values = frame.loc[scaled, column] * _scale(authority, people)
        frame.loc[scaled, column] = [float(f"{value:.3g}") for value in values]
    frame.loc[scaled, "reason"] = PER_INHABITANT.format(what="assumed sum")
    return frame


def equipment(authority: Authority, people: float) -> pd.DataFrame:
    """Stock of medical equipment by class."""
    frame = hand_written("equipment")
    if authority.region != SET_FOR:
        frame["units"] = np.maximum(np.rint(frame["units"] * _scale(authority, people)), 1).astype(int)
        frame["reason"] = "As many per inhabitant as assumed for Helse Midt-Norge; there is no open register"
    return _said(frame)


def income(authority: Authority, people: dict[str, float]) -> pd.DataFrame:
    """What the authority is paid; the frame by inhabitants where its own is not at hand.

    Parameters
    ----------
    authority : Authority
    people : dict of str to float [person]
        Inhabitants by trust.
    """
    import pandas as pd

    national = hand_written("income")
    frame = hand_written("income", SET_FOR)
    if authority.own != SET_FOR:
        of_item = frame.set_index("place")["value"].astype(float)
        whole = sum(people.values())
        region = float(of_item["region"]) * whole / SET_FOR_PEOPLE
        kept = float(of_item["authority"]) * whole / SET_FOR_PEOPLE
        parts = {trust: (region - kept) * count / whole for trust, count in people.items()}
        reason = PER_INHABITANT.format(what=f"frame of {FRAME_YEAR}")
        rows = [
            (
                "frame",
                place,
                FRAME_YEAR,
                round(value, -1),
                "MNOK",
                FRAME_YEAR,
                "assumption",
                "framsyn",
                reason,
            )
            for place, value in {"region": region, **parts, "authority": kept}.items()
        ]
        frame = pd.DataFrame(rows, columns=list(national.columns))
    return pd.concat([frame, national], ignore_index=True)


def flows(authority: Authority) -> pd.DataFrame:
    """Where residents are treated: the authority's own assumption, or the same shares at every trust but the hub."""
    import pandas as pd

    if authority.own:
        return _said(hand_written("flows", authority.own))
    shares = hand_written("flows")
    hub = next((trust.key for trust in authority.trusts if trust.hub), "elsewhere")
    rows = []
    for service_area in SERVICE_AREAS:
        of_area = shares[shares["service_area"] == service_area]
        for trust in authority.trusts:
            for row in of_area[of_area["kind"] == ("hub" if trust.hub else "other")].itertuples():
                provider = {"own": trust.key, "hub": hub}.get(row.provider, row.provider)
                rows.append((trust.key, provider, service_area, row.share, row.reason))
        for row in of_area[of_area["kind"] == "guests"].itertuples():
            rows.extend(
                ("guests", trust.key, service_area, row.share, row.reason) for trust in authority.trusts
            )
    return _said(pd.DataFrame(rows, columns=["origin", "provider", "service_area", "share", "reason"]))


def season() -> pd.DataFrame:
    """Monthly factors, one row per service area and month, mean exactly 1."""
    import pandas as pd

    rows: list[tuple[Any, ...]] = []
    for row in hand_written("season").to_dict("records"):
        values = np.array([float(row[str(month)]) for month in range(1, 13)])
        for month, factor in enumerate((values / values.mean()).round(5), start=1):
            rows.append((row["service_area"], month, factor, "assumption", "framsyn", row["reason"]))
    return pd.DataFrame(rows, columns=["service_area", "month", "factor", "quality", "source", "reason"])


def use_ratio(authority: Authority) -> pd.DataFrame:
    """All 1: nothing open tells the trusts apart."""
    import pandas as pd

    reason = "No open figures of use by trust of residence; the region's use everywhere"
    rows = [
        (trust.key, area, 1, "assumption", "framsyn", reason)
        for trust in authority.trusts
        for area in SERVICE_AREAS
    ]
    return pd.DataFrame(rows, columns=["trust", "service_area", "ratio", "quality", "source", "reason"])


def controls(authority: Authority, projection: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """The authority's own published totals, and Statistics Norway's for the counties that lie in it.

    A county counts when a municipality that is always in belongs to it.
    """
    import pandas as pd

    columns = ["control_set", "place", "variant", "year", "persons", "share_65_plus", "source"]
    counties = set(areas.loc[areas["switch"] == "", "county"])
    county = projection[projection["county"].isin(counties)].rename(columns={"county": "place"})
    county = county.assign(control_set="county", share_65_plus="", source="ssb_14288")
    county = county.sort_values(["place", "variant", "year"])[columns]
    if not authority.own:
        return county.reset_index(drop=True)
    trust = hand_written("controls", authority.own).astype({"share_65_plus": object})
    return pd.concat([trust, county], ignore_index=True)[columns]


def past_projections(authority: Authority) -> pd.DataFrame:
    """What the authority has said before; empty where none is carried."""
    import pandas as pd

    if authority.own:
        return hand_written("past_projections", authority.own)
    return pd.DataFrame(columns=["figure", "value", "unit", "year", "made", "source", "note"])


def breaks(authority: Authority) -> pd.DataFrame:
    """Breaks in series: the authority's own list, or those of the whole country."""
    return hand_written("breaks", authority.own)
