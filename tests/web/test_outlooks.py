"""Kept runs say what the engine says, and the pages show them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from framsyn.web.actions import Actor
from framsyn.web.outlooks.models import Explanation, Run, Series
from framsyn.web.outlooks.names import CHANGE, SHARE
from framsyn.web.outlooks.queries import Lines, main_run
from framsyn.web.outlooks.store import LEVELS, NAMES, rounded, store_run

SOM = {"service_area": "SOM"}


@pytest.fixture(scope="module")
def once(django_db_setup: None, django_db_blocker: Any, plan_run: Any, people_run: Any) -> Iterator[str]:
    """Keep the plan as the main run, held against demography alone, for all tests of this file."""
    actor = Actor.system("tests")
    with django_db_blocker.unblock():
        baseline = store_run(actor, people_run)
        run = store_run(actor, plan_run, main=True, baseline=baseline.id)
    yield run.id
    with django_db_blocker.unblock():
        Run.objects.update(baseline=None)
        Run.objects.all().delete()


@pytest.fixture
def kept(once: str, db: None) -> Run:
    """Return the main run."""
    return Run.objects.get(pk=once)


@pytest.mark.parametrize("name", ["need", "beds", "bed_days"])
@pytest.mark.parametrize("place", ["region", "hnt"])
def test_a_kept_line_is_the_engines(kept: Run, plan_run: Any, name: str, place: str) -> None:
    by = ("year",) if place == "region" else ("year", "trust")
    found = plan_run.quantiles(name, LEVELS, by, SOM)
    central = plan_run.central_value(name, by, SOM)
    if place != "region":
        found, central = found.sel(trust=place), central.sel(trust=place)
    line = Lines(kept, [name], [place])[name, place, "SOM"]
    assert line.years == plan_run.years
    for number, band in enumerate(NAMES):
        assert line.values[band] == rounded(found.isel(quantile=number).values)
    assert line.values["central"] == rounded(central.values)


def test_change_is_taken_within_each_draw(kept: Run, plan_run: Any) -> None:
    draws = plan_run.draws("need", ("year",), SOM).transpose("draw", "year").values
    line = Lines(kept, [f"need{CHANGE}"], ["region"])[f"need{CHANGE}", "region", "SOM"]
    assert line.at(2040) == rounded(np.quantile(draws[:, -1] / draws[:, 0] - 1, [0.5]))[0]
    assert line.at(2025, "p10") == line.at(2025, "p90") == 0


def test_share_of_the_old(kept: Run, plan_run: Any) -> None:
    old = plan_run.central_value("population_65_plus", ("year",)).sel(year=2040)
    share = float(old / plan_run.central_value("population", ("year",)).sel(year=2040))
    line = Lines(kept, [f"population_65_plus{SHARE}"], ["region"])[f"population_65_plus{SHARE}"]
    assert line.at(2040, "central") == pytest.approx(share, rel=1e-6)


def test_municipalities_add_up_to_the_region_in_the_central_run(kept: Run, plan_run: Any) -> None:
    lines = Lines(kept, [], [], mapped=("need", "SOM"))
    areas = [lines["need", area, "SOM"].at(2040, "central") for area in plan_run.region.areas]
    assert sum(areas) == pytest.approx(lines["need", "region", "SOM"].at(2040, "central"), rel=1e-5)


def test_no_difference_between_trusts_that_only_an_assumption_made(kept: Run, plan_run: Any) -> None:
    trusts = plan_run.region.trusts
    parts = set(
        Series.objects.filter(run=kept, quantity="staff_gap", place__in=trusts).values_list("part", flat=True)
    )
    assert parts <= {"", "specialist_doctor", "specialist_nurse", "nurse"}


def test_explanations_add_up(kept: Run) -> None:
    for found in Explanation.objects.filter(run=kept):
        effects = sum(effect["effect"] for effect in found.effects)
        assert found.before + effects == pytest.approx(found.after, rel=1e-9)


def test_a_run_is_kept_once_and_the_main_run_can_change(kept: Run, plan_run: Any, people_run: Any) -> None:
    count = Series.objects.count()
    other = store_run(Actor.system("tests"), people_run, main=True)
    assert Series.objects.count() == count
    assert main_run() == other
    assert Run.objects.filter(is_main=True).count() == 1


def test_only_an_administrator_stores(kept: Run, editor: Any, acting: Any, people_run: Any) -> None:
    from framsyn.web.actions import NotAllowed

    with pytest.raises(NotAllowed):
        store_run(acting(editor), people_run, main=True)
    assert main_run() == kept


@pytest.mark.parametrize("lang", ["nb", "nn", "en"])
def test_the_home_page_says_the_reports_sentence(
    client: Any, kept: Run, plan_run: Any, people_run: Any, lang: str
) -> None:
    from framsyn.analyses.explain import explain_change
    from framsyn.report.evidence import Evidence
    from framsyn.report.sections.summary import headline

    evidence = Evidence(plan_run, people_run, explain_change(plan_run, "need", where=SOM))
    page = client.get("/", {"lang": lang}).content.decode()
    assert f"<h1>{headline(evidence, lang)}</h1>" in page


@pytest.mark.parametrize("lang", ["nb", "nn", "en"])
@pytest.mark.parametrize("place", ["region", "hmr", "5001"])
@pytest.mark.parametrize("service", ["", "SOM", "TSB"])
def test_the_charts_of_a_kept_run(kept: Run, lang: str, place: str, service: str) -> None:
    from framsyn.web.outlooks.page import stored_charts

    drawn = [chart for group in stored_charts(kept, service, place, lang) for chart in group.charts]
    assert len(drawn) >= 2
    for chart in drawn:
        assert "mill. kr" not in chart.subtitle  # money is shown in billions, and says so
        assert kept.id in chart.subtitle


def test_money_is_in_the_unit_that_it_says(client: Any, kept: Run, plan_run: Any) -> None:
    """A chart in billions under the word million would be a thousand times wrong."""
    from framsyn.web.outlooks.charts import fan

    line = Lines(kept, ["liquidity"], ["region"])["liquidity"]
    chart = fan(kept, line, "en", name="trial")
    assert "NOK billion" in chart.subtitle
    column = chart.table.columns[-1]
    assert chart.table[column].iloc[-1] == pytest.approx(line.at(2040, "p90") / 1000, abs=0.06) or len(
        chart.table
    )


def test_every_kept_figure_can_be_downloaded(client: Any, kept: Run) -> None:
    answer = client.get(f"/outlook/{kept.id}.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert len(rows) == sum(len(row.years) for row in Series.objects.filter(run=kept))
    assert client.get("/outlook/nothing.csv").status_code == 404


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_every_data_set_can_be_downloaded(client: Any, db: None, kind: str) -> None:
    from framsyn.web.pages.catalogue import data_sets

    for entry in data_sets():
        own = "geojson" if kind == "csv" and entry.path.suffix == ".geojson" else kind
        answer = client.get(f"/data/{entry.name}.{own}")
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert answer.status_code == 200
        if own != "json":
            assert content == entry.path.read_bytes()


def test_the_catalogue_names_source_and_licence_of_each(client: Any, db: None) -> None:
    from framsyn.web.pages.catalogue import data_sets

    page = client.get("/data/?lang=nb").content.decode()
    for entry in data_sets():
        assert f'id="{entry.name}"' in page
        assert entry.title.get("nb"), entry.name
        for source in entry.sources:
            assert source.title.get("nb") and source.title.get("nn"), source
    assert client.get("/data/nothing.csv").status_code == 404
    assert client.get("/data/..%2Fdatapackage.json").status_code == 404
