"""Trusts, municipalities, hospital sites and waiting times of an authority."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framsyn.errors import PlanError
from framsyn.sources.regions.assumed import hand_written

if TYPE_CHECKING:
    import pandas as pd

    from framsyn.sources.regions.authorities import Authority

__all__ = ["areas_table", "sites_table", "trusts_table", "waiting_table"]


def trusts_table(authority: Authority) -> pd.DataFrame:
    """The trusts with a catchment."""
    import pandas as pd

    rows = [(trust.key, trust.org_number, trust.name, trust.short_name) for trust in authority.trusts]
    return pd.DataFrame(rows, columns=["trust", "org_number", "name", "short_name"])


def areas_table(authority: Authority, municipalities: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """Municipalities with both catchments, official names and points; those behind a switch at their other authority.

    Raises
    ------
    PlanError
        ``source-changed``: a municipality of the catchments has no point or official name.
    """
    import pandas as pd

    known = places.set_index("area")
    lacking = sorted(set(municipalities["area"]) - set(known.index))
    if lacking:
        raise PlanError(
            "source-changed",
            f"Kartverket: no point for {', '.join(lacking[:5])} ({len(lacking)} in all) that the catchments name; the two "
            "sources are of different years. Build again when both have the municipalities of the year.",
            source="kartverket",
            got=lacking,
        )
    extras = {extra.area: extra for extra in authority.extras}
    rows = []
    for row in municipalities.sort_values("area").itertuples():
        extra = extras.get(row.area)
        rows.append(
            {
                "area": row.area,
                "name": row.name,
                "name_official": known.loc[row.area, "name_official"],
                "county": row.area[:2],
                "somatic_trust": extra.trust if extra else row.somatic_trust,
                "somatic_area": extra.local if extra else row.somatic_area,
                "psychiatric_trust": extra.trust if extra else row.psychiatric_trust,
                "psychiatric_area": extra.local if extra else row.psychiatric_area,
                "switch": extra.switch if extra else "",
                "lon": known.loc[row.area, "lon"],
                "lat": known.loc[row.area, "lat"],
                "source": "klass_629",
            }
        )
    return pd.DataFrame(rows)


def sites_table(authority: Authority, areas: pd.DataFrame) -> pd.DataFrame:
    """Hospital sites at the official point of their municipality; a site outside today's municipalities is left out."""
    import pandas as pd

    if authority.own:
        frame = hand_written("sites", authority.own)
    else:
        rows = [
            (key, name, trust.key, kind, area)
            for trust in authority.trusts
            for key, name, kind, area in trust.sites
        ]
        frame = pd.DataFrame(rows, columns=["site", "name", "trust", "kind", "area"])
    points = areas.set_index("area")[["lon", "lat"]]
    frame = frame[frame["area"].isin(points.index)].reset_index(drop=True)
    for column in ("lon", "lat"):
        frame[column] = points.loc[frame["area"], column].to_numpy()
    return frame.assign(quality="derived", source="general_knowledge")


def waiting_table(authority: Authority, waits: pd.DataFrame, target_year: int) -> pd.DataFrame:
    """Waiting times and counts, the years that the publisher warns of marked faulty, and the national targets."""
    import pandas as pd

    first, last = authority.waiting_faulty or (0, -1)
    frame = waits[["place", "service_area", "measure", "year", "value", "unit"]].copy()
    frame["faulty"] = frame["year"].between(first, last).astype(int)
    frame["source"] = "nki"
    targets = hand_written("wait_targets")
    target = pd.DataFrame(
        {
            "place": "region",
            "service_area": targets["service_area"],
            "measure": "target_mean_wait",
            "year": target_year,
            "value": targets["days"].astype(float),
            "unit": "day",
            "faulty": 0,
            "source": "wait_targets",
        }
    )
    return pd.concat([frame, target], ignore_index=True) if len(frame) else target
