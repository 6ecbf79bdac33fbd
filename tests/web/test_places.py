"""A page per place: the figures are the run's, what is not known is said, names are official, and everything is found."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from site_pages import parse

from framsyn.region.places import place_of, places
from framsyn.report.numbers import interval, number
from framsyn.web.actions import Actor
from framsyn.web.outlooks.charts import population_history
from framsyn.web.outlooks.models import Run, Series
from framsyn.web.outlooks.store import store_run
from framsyn.web.places.addresses import place_addresses
from framsyn.web.places.figures import SMALL, Figures, Track, said_value
from framsyn.web.places.overview import overview
from framsyn.web.places.plans import mentions
from framsyn.web.places.travel import journeys
from framsyn.web.search.models import Document
from framsyn.web.search.queries import find

ONE_OF_EACH = ("region", "hmr", "hospital-alesund", "community-hnt", "5025", "1508", "5043")


@pytest.fixture(scope="module")
def once(django_db_setup: None, django_db_blocker: Any, plan_run: Any) -> Iterator[str]:
    """Keep the plan as the main run for all tests of this file."""
    with django_db_blocker.unblock():
        run = store_run(Actor.system("tests"), plan_run, main=True)
    yield run.id
    with django_db_blocker.unblock():
        Run.objects.all().delete()


@pytest.fixture
def kept(once: str, db: None) -> Run:
    """Return the main run."""
    return Run.objects.get(pk=once)


def plain(text: str) -> str:
    """Return a text with its narrow spaces as the parser of pages gives them."""
    return " ".join(text.split())


def page(client: Any, code: str, lang: str = "en") -> str:
    """Return the page of a place."""
    response = client.get(reverse("place", args=[code]), {"lang": lang})
    assert response.status_code == 200, code
    return response.content.decode()


# ------------------------------------------------------------------------------------------------------------- pages
@pytest.mark.parametrize("lang", ["nb", "nn", "en"])
@pytest.mark.parametrize("code", ONE_OF_EACH)
def test_the_first_sentence_says_how_many_and_how_sure(
    client: Any, kept: Run, midt: Any, code: str, lang: str
) -> None:
    place = place_of(midt, code)
    lead = parse(page(client, code, lang)).all("p", class_="lead")[0].text
    people = int(midt.population(2025).sel(area=list(place.areas)).sum())
    assert plain(number(people, lang)) in lead
    row = Series.objects.get(
        run=kept,
        quantity="population",
        place=place.trust if place.kind == "health_community" else code,
        part="",
    )
    said = interval(*(row.values[band][-1] for band in ("p50", "p10", "p90")), lang)
    assert plain(said.low) in lead
    assert plain(said.high) in lead


@pytest.mark.parametrize("code", ONE_OF_EACH)
def test_a_page_takes_few_queries(
    client: Any, kept: Run, django_assert_max_num_queries: Any, code: str
) -> None:
    for _time in range(2):
        with django_assert_max_num_queries(15):
            page(client, code)


def test_places_of_every_kind_have_a_page(client: Any, kept: Run, midt: Any) -> None:
    for place in places(midt)[::7]:
        assert place.label["nb"].split(" – ")[0] in page(client, place.code, "nb")


def test_an_unknown_place_is_not_found(client: Any, kept: Run) -> None:
    for code in ("9999", "hospital-oslo", "REGION", "5025x"):
        assert client.get(f"/places/{code}/").status_code == 404
        assert client.get(f"/places/{code}.csv").status_code == 404


@pytest.mark.parametrize("address", ["/places/", "/places/5025/", "/places/nothing/"])
def test_without_a_run_the_page_says_what_is_missing(client: Any, empty: None, address: str) -> None:
    response = client.get(address, {"lang": "en"})
    assert response.status_code == 200
    assert "No outlook is stored yet" in response.content.decode()
    assert client.get("/places/all.csv").status_code == 404


def test_use_that_nobody_has_counted_is_said_to_be_unknown(client: Any, kept: Run) -> None:
    for code in ("5025", "hospital-alesund", "hmr", "community-sto"):
        text = page(client, code)
        assert "Not known locally." in text
        cells = [node.text for node in parse(text).all("td", class_="muted")]
        assert cells == ["not known"] * 4
    assert "Not known locally." not in page(client, "region")


def test_rates_are_the_regions_on_every_page(client: Any, kept: Run) -> None:
    """No difference in use between places is shown, since only an assumption would make it."""
    rates = []
    for code in ("5025", "1508", "hmr"):
        table = next(
            node
            for node in parse(page(client, code)).all("table")
            if "per 1 000" in node.text.split("Source")[0]
        )
        rates.append([cell.text for cell in table.all("td") if cell.text != "not known"])
    assert rates[0] == rates[1] == rates[2]
    assert any(cell not in ("", "–") for cell in rates[0])


def test_official_names_stand_in_heading_title_and_list(client: Any, kept: Run) -> None:
    tree = parse(page(client, "5041", "nb"))
    assert tree.all("h1")[0].text == "Snåase – Snåsa"
    assert tree.all("title")[0].text.startswith("Snåase – Snåsa")
    listed = client.get("/places/", {"lang": "nb"}).content.decode()
    assert "Raarvihke – Røyrvik" in listed
    assert "Rosse – Røros" in listed


def test_larger_and_smaller_places_lead_to_each_other(client: Any, kept: Run, midt: Any) -> None:
    hrefs = {node.attributes["href"] for node in parse(page(client, "5025")).all("a", href="")}
    assert {
        reverse("place", args=[code]) for code in ("hospital-st-olavs", "community-sto", "sto", "region")
    } <= hrefs
    hrefs = {node.attributes["href"] for node in parse(page(client, "community-sto")).all("a", href="")}
    assert set(place_addresses(place_of(midt, "sto").areas).values()) <= hrefs


def test_mental_health_care_of_another_trust_is_named(client: Any, kept: Run) -> None:
    assert "Stjørdal (Nord-Trøndelag)" in page(client, "5032")  # Selbu
    assert "Stjørdal (" not in page(client, "5034")  # Meråker: the trust is its own


def test_the_explorer_is_opened_at_the_place(client: Any, kept: Run) -> None:
    assert f'href="{reverse("outlook")}?place=5025"' in page(client, "5025")


# ----------------------------------------------------------------------------------------------------------- figures
def test_figures_of_a_municipality_are_the_kept_ones(kept: Run, midt: Any) -> None:
    track = Figures(kept, place_of(midt, "5025")).get("need", "SOM")
    row = Series.objects.get(run=kept, quantity="need", place="5025", part="SOM")
    assert track is not None
    assert track.bands is not None
    assert [track.at(year, "p90") for year in track.years] == row.values["p90"]
    change = track.change()
    assert change.at(2040) == pytest.approx(row.values["p50"][-1] / row.values["p50"][0] - 1)
    assert change.at(2025, "p10") == change.at(2025, "p90") == 0


def test_a_hospital_area_has_the_engines_own_interval(kept: Run, midt: Any, plan_run: Any) -> None:
    place = place_of(midt, "hospital-alesund")
    track = Figures(kept, place).get("stays", "SOM")
    found = plan_run.quantiles("stays", (0.1, 0.9), ("year", "place"), {"service_area": "SOM"})
    low, high = found.sel(place=place.code, year=2040).values
    assert track is not None
    assert (track.at(2040, "p10"), track.at(2040, "p90")) == pytest.approx((low, high), rel=1e-6)
    rows = Series.objects.filter(run=kept, quantity="stays", place__in=place.areas, part="SOM")
    total = [sum(v) for v in zip(*(r.values["central"] for r in rows), strict=True)]
    assert track.central == pytest.approx(total)


def test_a_run_kept_without_hospital_areas_shows_their_central_run(client: Any, kept: Run, midt: Any) -> None:
    from framsyn.web.places import overview as rows
    from framsyn.web.places import views

    place = place_of(midt, "hospital-alesund")
    before = Figures(kept, place).get("population")
    Series.objects.filter(place__startswith="hospital-").delete()
    after = Figures(kept, place).get("population")
    assert before is not None
    assert after is not None
    assert after.bands is None
    assert after.central == pytest.approx(before.central)
    for kept_page in (views.drawn, rows.overview):
        kept_page.cache_clear()
    assert "shows the central run" in page(client, "hospital-alesund")
    for kept_page in (views.drawn, rows.overview):
        kept_page.cache_clear()


def test_a_health_community_has_the_figures_of_its_trust(kept: Run, midt: Any) -> None:
    community, trust = (Figures(kept, place_of(midt, code)) for code in ("community-hnt", "hnt"))
    assert community.get("population") == trust.get("population")
    assert community.get("need", "SOM") == trust.get("need", "SOM")


def test_hospital_areas_add_up_to_the_region(kept: Run, midt: Any) -> None:
    rows = overview(kept.pk, kept.region)
    areas = [row for row in rows.values() if row.place.kind == "hospital_area"]
    for name in ("people", "people_then"):
        total = sum(getattr(row, name) for row in areas)
        assert total == pytest.approx(getattr(rows["region"], name), rel=1e-5)


def test_beds_below_a_trust_are_the_days_of_the_residents_over_the_occupancy(kept: Run, midt: Any) -> None:
    figures = Figures(kept, place_of(midt, "hospital-alesund"))
    days, beds = figures.get("bed_days", "SOM"), figures.beds("SOM")
    assert days is not None
    assert beds is not None
    occupancy = midt.parameter("occupancy", service_area="SOM")
    assert beds.central[0] == pytest.approx(days.central[0] / (365 * occupancy), rel=1e-4)
    trust = Figures(kept, place_of(midt, "hmr")).beds("SOM")
    row = Series.objects.get(run=kept, quantity="beds", place="hmr", part="SOM")
    assert trust is not None
    assert trust.central == row.values["central"]


def test_small_numbers_of_cases_are_not_told(client: Any, kept: Run) -> None:
    assert said_value(Track("stays", "TSB", [2025], [SMALL - 0.01]), 2025, "en") == "< 5"
    assert said_value(Track("stays", "TSB", [2025], [SMALL]), 2025, "en") == "5.0"
    rows = list(csv.DictReader(io.StringIO(read(client, "/places/5043.csv"))))
    told = [
        float(row[band])
        for row in rows
        if row["quantity"] in ("stays", "bed_days", "day_treatments", "outpatient_contacts")
        for band in ("p10", "p50", "p90", "central")
        if row[band]
    ]
    assert min(told) >= SMALL
    assert any(row["central"] == "" for row in rows)  # Røyrvik has 443 people


def test_a_pyramid_is_drawn_only_where_no_group_is_small(client: Any, kept: Run) -> None:
    assert 'id="place-ages"' in page(client, "hmr")
    assert 'id="place-ages"' not in page(client, "5043")
    assert "fewer than five people" in page(client, "5043")


def test_two_that_were_one_are_not_counted_apart_before_they_parted(kept: Run) -> None:
    """Haram left Ålesund on 1 January 2024; the split of older counts is a guess."""
    for code in ("1508", "1580"):
        assert list(population_history(kept, code)["year"]) == [2024, 2025]
    for code in ("hospital-alesund", "hmr", "5025"):
        assert population_history(kept, code)["year"].min() < 2010


# ------------------------------------------------------------------------------------------------------------ travel
def test_the_way_to_the_nearest_sites(midt: Any) -> None:
    found = {one.kind: one for one in journeys(midt, place_of(midt, "5025"))}
    assert found["planned"].kilometres is None  # Røros has a site itself
    assert found["planned"].here == 1.0
    acute = found["acute"]
    assert acute.sites == ("St. Olavs hospital, Øya",)
    # 156 km by road from Røros to Trondheim: the estimate is within a fifth.
    assert acute.kilometres == pytest.approx(156, rel=0.2)
    assert acute.minutes is not None
    assert acute.minutes % 5 == acute.kilometres % 5 == 0
    assert acute.within is None
    area = {one.kind: one for one in journeys(midt, place_of(midt, "hospital-volda"))}["acute"]
    assert area.within is not None
    assert 0 < area.within[30] <= area.within[60] <= area.within[90] <= 1
    assert area.here == pytest.approx(
        float(midt.population(2025).sel(area="1577").sum())
        / float(midt.population(2025).sel(area=list(place_of(midt, "hospital-volda").areas)).sum())
    )


def test_the_page_says_that_travel_is_an_estimate(client: Any, kept: Run) -> None:
    text = page(client, "1573")
    assert "poor over fjords and ferries" in text


# -------------------------------------------------------------------------------------------------------------- plans
def test_goals_and_measures_of_the_trust_stand_on_its_places(client: Any, kept: Run) -> None:
    from framsyn.web.measures.models import Measure

    own = Measure.objects.filter(organisation="sto").exclude(phase="stopped")
    assert own.exists()
    hrefs = {node.attributes["href"] for node in parse(page(client, "5025")).all("a", href="")}
    assert {reverse("measure", args=[one.pk]) for one in own} <= hrefs
    assert (
        not {reverse("measure", args=[one.pk]) for one in Measure.objects.filter(organisation="hmr")} & hrefs
    )


def test_a_place_that_no_plan_names_is_told_so(client: Any, kept: Run) -> None:
    assert "No published text of the plans names Frosta itself." in page(client, "5036")


@pytest.mark.parametrize(
    ("text", "found"),
    [("Sykehuset på Heim åpner", True), ("Heimesykehus i distriktene", False), ("mer tid heim", False)],
)
def test_texts_name_a_place_in_whole_words_with_capitals(db: None, text: str, found: bool) -> None:
    for language in ("nb", "nn", "en"):
        Document.objects.create(
            kind="measure", object_id="x", language=language, title="T", text=text, address="/x/", stems=""
        )
    assert bool([one for one in mentions(["Heim"]) if one.address == "/x/"]) is found


# ------------------------------------------------------------------------------------------------ list, search, files
def names(client: Any, **query: str) -> list[str]:
    tree = parse(client.get("/places/", {"lang": "nb", **query}).content.decode())
    table = [one for one in tree.all("table") if "table--full" in one.attributes.get("class", "")]
    return [node.text for one in table[:1] for node in one.all("th", scope="row")]


def test_the_list_is_narrowed_and_sorted_without_script(client: Any, kept: Run) -> None:
    assert len(names(client)) == 80
    assert names(client, q="snåase") == ["Snåase – Snåsa"]
    assert names(client, q="5043") == ["Raarvihke – Røyrvik"]
    assert len(names(client, kind="hospital_area")) == 7
    assert names(client, kind="municipality", sort="-people")[:2] == ["Trondheim – Tråante", "Ålesund"]
    assert names(client, kind="municipality", sort="people")[0] == "Raarvihke – Røyrvik"
    assert names(client, kind="municipality")[-2:] == ["Åfjord", "Ålesund"]
    assert names(client, q="<script>alert(1)</script>") == []
    assert len(names(client, sort="'; DROP", kind="\x00")) == 80


def test_the_map_links_to_every_municipality(client: Any, kept: Run, midt: Any) -> None:
    for address in ("/places/", "/"):
        tree = parse(client.get(address, {"lang": "en"}).content.decode())
        maps = [
            node for node in tree.all("svg", class_="framsyn-chart") if node.all("a", class_="framsyn-place")
        ]
        assert maps, address
        for drawing in maps:
            assert drawing.attributes["role"] == "group"
            assert {one.attributes["href"] for one in drawing.all("a")} == set(
                place_addresses(midt.areas).values()
            )
            assert all(one.all("title")[0].text for one in drawing.all("a"))


@pytest.mark.parametrize(
    ("text", "language", "code"),
    [
        ("Snåase", "nb", "5041"),
        ("Tråante", "nn", "5001"),
        ("Røros", "en", "5025"),
        ("sykehusområdet Volda", "nb", "hospital-volda"),
        ("1508", "nb", "1508"),
    ],
)
def test_search_finds_places_by_every_name(db: None, text: str, language: str, code: str) -> None:
    found = find(text, language)
    hits = [hit.address for group in found.groups if group.kind == "place" for hit in group.hits]
    assert reverse("place", args=[code]) in hits[:2]


def test_an_index_of_an_older_version_gets_the_places(db: None) -> None:
    from framsyn.web.search.index import complete

    before = Document.objects.filter(kind="place").count()
    Document.objects.filter(kind="place").delete()
    assert complete() == before == 3 * 80
    assert complete() == 0
    Document.objects.all().delete()
    assert complete() == 0  # a new site is filled with its content


def read(client: Any, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return b"".join(response).decode() if response.streaming else response.content.decode()


def test_files_say_what_the_page_says(client: Any, kept: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(read(client, "/places/5025.csv"))))
    row = Series.objects.get(run=kept, quantity="population", place="5025", part="")
    own = [one for one in rows if one["quantity"] == "population" and one["part"] == ""]
    assert [float(one["p90"]) for one in own] == row.values["p90"]
    cube = json.loads(read(client, "/places/5025.stat.json"))
    assert cube["class"] == "dataset"
    everything = list(csv.DictReader(io.StringIO(read(client, "/places/all.csv"))))
    assert len(everything) == 80
    for form in ("xlsx", "json", "csv-metadata.json"):
        assert client.get(f"/places/hospital-alesund.{form}").status_code == 200
        assert client.get(f"/places/all.{form}").status_code == 200
    described = json.loads(read(client, "/places/5025.csv-metadata.json"))
    assert re.search("Statistics Norway|Statistisk sentralbyrå", described["dc:source"])
