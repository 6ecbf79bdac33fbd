"""Ask Kartverket for the municipalities: every official name, a point inside, and the border.

Read for this: the open service for administrative units (``kommuneinfo/v1``), as public clients use it and as its answers
are recorded in them: ``/kommuner`` lists number and name; ``/kommuner/{number}`` gives ``gyldigeNavn`` (the official names
in Norwegian, Sámi and Kven, in the order of ``prioritet``), ``punktIOmrade`` and the county; ``/kommuner/{number}/omrade``
gives the border as a geometry of GeoJSON. Coordinates are asked for in WGS 84 (``utkoordsys=4326``); ETRS89 (EPSG:4258),
which differs by less than a metre, is taken too, and everything else refused. :func:`read_borders` reads the GeoJSON files
that are downloaded from Geonorge as well ("Administrative enheter kommuner"). The real service could not be called where
this was written. CC BY 4.0, "© Kartverket".

Kartverket's border runs in the sea. The shipped region has borders that were cut along the coast; such a file is read by
:func:`read_borders`, and ``framsyn.region.borders`` makes either small.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from framsyn.errors import PlanError
from framsyn.sources.shapes import changed, list_in, object_of, text_in

if TYPE_CHECKING:
    import pandas as pd

    from framsyn.sources.fetching import Fetcher

__all__ = ["BASE", "CREDIT", "borders", "municipalities", "places", "read_borders", "read_place"]

BASE = "https://api.kartverket.no/kommuneinfo/v1"
CREDIT = "© Kartverket, CC BY 4.0"
# Names of WGS 84 and ETRS89 with longitude and latitude in degrees, as they stand in a GeoJSON.
DEGREES = (
    "EPSG:4326",
    "EPSG:4258",
    "EPSG::4326",
    "EPSG::4258",
    "CRS84",
    "CRS:84",
    "EPSG/0/4326",
    "EPSG/0/4258",
)
# The mainland and the sea that belongs to its municipalities.
LONGITUDE, LATITUDE = (2.0, 33.0), (56.0, 73.0)
MOST_POINTS = 5_000_000
# Official names are written beside each other in this way in Statistics Norway's and our own tables.
BETWEEN = " - "


def municipalities(fetcher: Fetcher, *, base: str = BASE) -> pd.DataFrame:
    """Return the municipalities of today: ``code``, ``name`` (Norwegian).

    Raises
    ------
    PlanError
        As the fetcher; ``source-changed``
    """
    import pandas as pd

    where = "kartverket: municipalities"
    answer = fetcher.get_json(f"{base}/kommuner", source="kartverket")
    if not isinstance(answer, list) or not answer:
        raise changed(where, "expected a list of municipalities")
    rows = [
        {"code": _code(row, where), "name": text_in(row, ("kommunenavnNorsk", "kommunenavn"), where)}
        for row in answer
    ]
    frame = pd.DataFrame(rows).sort_values("code", ignore_index=True)
    if frame["code"].duplicated().any():
        raise changed(where, f"{frame.loc[frame['code'].duplicated(), 'code'].iloc[0]} stands twice")
    return frame


def places(fetcher: Fetcher, codes: Iterable[str], *, base: str = BASE) -> pd.DataFrame:
    """Return names, county and a point of municipalities.

    Parameters
    ----------
    fetcher : Fetcher
    codes : iterable of str
        Four digits each.

    Returns
    -------
    DataFrame
        ``code``, ``name`` (Norwegian), ``name_official`` (all names, as "Snåase - Snåsa"), ``county``, ``lon``, ``lat``
        (WGS 84, degrees; Kartverket's point in the municipality, not a point where people live).

    Raises
    ------
    PlanError
        As the fetcher; ``unknown-code``, ``source-changed``, ``coordinates-unfit``
    """
    import pandas as pd

    rows = _each(
        fetcher,
        codes,
        lambda code: read_place(
            fetcher.get_json(f"{base}/kommuner/{code}", {"utkoordsys": "4326"}, source="kartverket"), code
        ),
    )
    return pd.DataFrame(rows, columns=["code", "name", "name_official", "county", "lon", "lat"])


def borders(fetcher: Fetcher, codes: Iterable[str], *, base: str = BASE) -> dict[str, Any]:
    """Return the borders of municipalities as a GeoJSON FeatureCollection.

    Every feature has the properties ``municipality_code``, ``name`` and ``name_official``, as
    ``framsyn.region.borders.simplify_borders`` takes them.

    Raises
    ------
    PlanError
        As the fetcher; ``unknown-code``, ``source-changed``, ``coordinates-unfit``
    """
    listed = list(codes)
    named = places(fetcher, listed, base=base).set_index("code")

    def border(code: str) -> dict[str, Any]:
        where = f"kartverket: border of {code}"
        asked = {"utkoordsys": "4326"}
        answer = object_of(
            fetcher.get_json(f"{base}/kommuner/{code}/omrade", asked, source="kartverket"), where
        )
        if _code(answer, where) != code:
            raise changed(where, f"the answer is about {_code(answer, where)}")
        geometry = object_of(answer.get("omrade"), where)
        _degrees_or_raise(geometry, where)
        return _feature(
            code,
            str(named.at[code, "name"]),
            str(named.at[code, "name_official"]),
            _geometry(geometry, where),
        )

    return {"type": "FeatureCollection", "attribution": CREDIT, "features": _each(fetcher, listed, border)}


def _each(fetcher: Fetcher, codes: Iterable[str], ask: Callable[[str], Any]) -> list[Any]:
    listed = list(codes)
    for code in listed:
        # It becomes a part of the address.
        if not (isinstance(code, str) and len(code) == 4 and code.isascii() and code.isdigit()):
            message = (
                f"kartverket: {str(code)[:40]!r} is no number of a municipality. Write four digits, as 0301."
            )
            raise PlanError("unknown-code", message, got=str(code)[:40], expected="0301")
    found = []
    for number, code in enumerate(listed):
        fetcher.tell(f"Kartverket {code}", number, len(listed))
        found.append(ask(code))
    return found


def read_place(document: Any, code: str) -> dict[str, Any]:
    """Read one municipality; keys as the columns of :func:`places`.

    >>> names = [{"navn": "Snåsa", "prioritet": 2}, {"navn": "Snåase", "prioritet": 1, "sprak": "Sørsamisk"}]
    >>> point = {"type": "Point", "coordinates": [12.6, 64.2]}
    >>> answer = {"kommunenummer": "5041", "kommunenavnNorsk": "Snåsa", "gyldigeNavn": names, "punktIOmrade": point}
    >>> read_place(answer, "5041")["name_official"]
    'Snåase - Snåsa'
    """
    where = f"kartverket: municipality {code}"
    found = _code(document, where)
    if found != code:
        raise changed(where, f"the answer is about {found}")
    point = object_of(document.get("punktIOmrade"), where)
    _degrees_or_raise(point, where)
    lon, lat = _point(point.get("coordinates"), where)
    name = text_in(document, ("kommunenavnNorsk", "kommunenavn"), where)
    return {
        "code": found,
        "name": name,
        "name_official": _official(document.get("gyldigeNavn"), ("prioritet", "rekkefolge"), where) or name,
        "county": text_in(document, "fylkesnummer", where, needed=False) or found[:2],
        "lon": round(lon, 5),
        "lat": round(lat, 5),
    }


def _official(listed: Any, ranks: tuple[str, ...], where: str) -> str:
    """Return all official names in their order, or blank if none is listed."""
    if listed is None:
        return ""
    if not isinstance(listed, list):
        raise changed(where, "the official names are no list")
    ranked: list[tuple[int, str]] = []
    for place, item in enumerate(listed):
        name = text_in(item, "navn", where, needed=False)
        rank = next((item[key] for key in ranks if item.get(key) not in (None, "")), place)
        if not isinstance(rank, (int, str)) or not str(rank).isdecimal() or len(str(rank)) > 6:
            raise changed(where, f"the order of a name is {str(rank)[:40]!r}; expected a number")
        if name and name not in [other for _, other in ranked]:
            ranked.append((int(rank), name))
    return BETWEEN.join(name for _, name in sorted(ranked, key=lambda pair: pair[0]))


def read_borders(document: Any, where: str = "borders", codes: Iterable[str] | None = None) -> dict[str, Any]:
    """Read a GeoJSON file of municipalities: a FeatureCollection, or Geonorge's file that holds several.

    Parameters
    ----------
    document : dict
    where : str
        Named in errors.
    codes : iterable of str, optional
        Only these, in this order; one that is not there is refused.

    Returns
    -------
    dict
        As :func:`borders`.

    Raises
    ------
    PlanError
        ``source-changed``, ``coordinates-unfit``, ``unknown-code``

    >>> square = [[[10, 63], [11, 63], [11, 64], [10, 63]]]
    >>> feature = {"type": "Feature", "properties": {"kommunenummer": "5001", "kommunenavn": "Trondheim"},
    ...            "geometry": {"type": "Polygon", "coordinates": square}}
    >>> found = read_borders({"type": "FeatureCollection", "features": [feature]})
    >>> found["features"][0]["properties"]
    {'municipality_code': '5001', 'name': 'Trondheim', 'name_official': 'Trondheim'}
    """
    collection = _collection(object_of(document, where), where)
    _degrees_or_raise(collection, where)
    made: dict[str, dict[str, Any]] = {}
    points = 0
    for number, feature in enumerate(list_in(collection, "features", where), start=1):
        at = f"{where}, feature {number}"
        properties = object_of(object_of(feature, at).get("properties"), at)
        code = _code(properties, at)
        if code in made:
            raise changed(at, f"{code} stands twice")
        name, official = _names(properties, at)
        geometry = _geometry(object_of(feature.get("geometry"), at), at)
        points += sum(len(ring) for polygon in geometry["coordinates"] for ring in polygon)
        if points > MOST_POINTS:
            message = (
                f"{where}: more than {MOST_POINTS} points. Take the edition that Kartverket has made smaller."
            )
            raise PlanError("source-too-large", message, expected=MOST_POINTS)
        made[code] = _feature(code, name, official, geometry)
    wanted = list(made) if codes is None else list(codes)
    missing = [code for code in wanted if code not in made]
    if missing:
        message = f"{where}: no border of {', '.join(missing[:12])}. Is the file of the right year?"
        raise PlanError("unknown-code", message, got=missing)
    features = [made[code] for code in wanted]
    return {"type": "FeatureCollection", "attribution": CREDIT, "features": features}


def _collection(document: dict[str, Any], where: str) -> dict[str, Any]:
    if document.get("type") == "FeatureCollection":
        return document
    # Geonorge puts areas and border lines beside each other under names of their own.
    held = [
        value
        for key, value in document.items()
        if isinstance(value, dict)
        and value.get("type") == "FeatureCollection"
        and key.lower().endswith("kommune")
    ]
    if len(held) != 1:
        raise changed(where, "this is no GeoJSON FeatureCollection of municipalities")
    return held[0]


def _names(properties: dict[str, Any], where: str) -> tuple[str, str]:
    for key in ("navn", "kommunenavn"):
        listed = properties.get(key)
        if isinstance(listed, list):
            norwegian = [
                text_in(item, "navn", where, needed=False)
                for item in listed
                if text_in(item, "sprak", where, needed=False).lower()
                in ("nor", "nob", "nno", "norwegian", "norsk")
            ]
            official = _official(listed, ("rekkefolge", "prioritet"), where)
            if not official:
                raise changed(where, "no name is given")
            return (norwegian or [official.split(BETWEEN)[-1]])[0], official
    name = text_in(properties, ("name", "kommunenavnNorsk", "kommunenavn", "navn"), where)
    return name, text_in(properties, ("name_official", "kommunenavn", "navn"), where, needed=False) or name


def _code(row: Any, where: str) -> str:
    code = text_in(row, ("kommunenummer", "municipality_code", "kommunenr"), where)
    if not (len(code) == 4 and code.isascii() and code.isdigit()):
        raise changed(where, f'"kommunenummer" is {code[:40]!r}; expected four digits')
    return code


def _feature(code: str, name: str, official: str, geometry: dict[str, Any]) -> dict[str, Any]:
    properties = {"municipality_code": code, "name": name, "name_official": official}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _degrees_or_raise(holder: dict[str, Any], where: str) -> None:
    named = holder.get("crs")
    if named is None:
        return
    name = text_in(object_of(object_of(named, where).get("properties"), where), "name", where)
    if not name.upper().endswith(DEGREES):
        message = f"{where}: the coordinates are in {name[:60]}; expected degrees (EPSG:4326). Ask for that edition."
        raise PlanError("coordinates-unfit", message, got=name[:60], expected="EPSG:4326")


def _geometry(geometry: dict[str, Any], where: str) -> dict[str, Any]:
    """Return a checked MultiPolygon: closed rings of at least four points, all within Norway."""
    kind, given = geometry.get("type"), geometry.get("coordinates")
    if kind not in ("Polygon", "MultiPolygon") or not isinstance(given, list):
        raise changed(where, f"the geometry is {str(kind)[:40]!r}; expected a Polygon or MultiPolygon")
    made = []
    for polygon in [given] if kind == "Polygon" else given:
        if not isinstance(polygon, list) or not polygon:
            raise changed(where, "a polygon has no ring")
        rings = []
        for ring in polygon:
            points = [list(_point(point, where)) for point in ring] if isinstance(ring, list) else []
            if len(points) < 4 or points[0] != points[-1]:
                raise changed(where, "a ring is not closed, or has fewer than four points")
            rings.append(points)
        made.append(rings)
    if not made:
        raise changed(where, "the border is empty")
    return {"type": "MultiPolygon", "coordinates": made}


def _point(point: Any, where: str) -> tuple[float, float]:
    pair = point[:2] if isinstance(point, list) and len(point) in (2, 3) else []
    if len(pair) != 2 or any(isinstance(part, bool) or not isinstance(part, (int, float)) for part in pair):
        raise changed(where, "a point is not two numbers")
    try:
        lon, lat = float(pair[0]), float(pair[1])
    except OverflowError:
        lon = lat = math.inf
    if LONGITUDE[0] <= lon <= LONGITUDE[1] and LATITUDE[0] <= lat <= LATITUDE[1]:
        return lon, lat
    turned = LONGITUDE[0] <= lat <= LONGITUDE[1] and LATITUDE[0] <= lon <= LATITUDE[1]
    message = (
        f"{where}: the point {lon:g}, {lat:g} is not in Norway; expected longitude, latitude in degrees (WGS 84). "
        f"{'The two are turned.' if turned else 'Is it in metres (UTM)? Ask for EPSG:4326.'}"
    )
    raise PlanError("coordinates-unfit", message, got=[lon, lat], expected="longitude, latitude")
