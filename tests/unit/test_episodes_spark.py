"""The same cells from Spark, which really runs here (Java 17 and the extra spark)."""

from __future__ import annotations

import os
import shutil

import pandas as pd
import pytest

from framsyn.errors import PlanError
from framsyn.region import Region
from framsyn.sources.episodes.mappings import mappings_of
from framsyn.sources.episodes.synthetic import write_synthetic

pytest.importorskip("duckdb")
pytest.importorskip("ibis")
pyspark = pytest.importorskip("pyspark")
if shutil.which("java") is None:
    pytest.skip("there is no Java here", allow_module_level=True)

from framsyn.sources.episodes.build import build_cells  # noqa: E402
from framsyn.sources.episodes.spark import spark_cells  # noqa: E402

pytestmark = pytest.mark.slow
ROWS = int(os.environ.get("FRAMSYN_SPARK_ROWS", "50000"))


@pytest.fixture(scope="module")
def session():
    from pyspark.sql import SparkSession

    made = (
        SparkSession.builder.master("local[2]")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.memory", "4g")
        .getOrCreate()
    )
    made.sparkContext.setLogLevel("ERROR")
    yield made
    made.stop()


@pytest.mark.parametrize("by_site", [False, True])
def test_spark_gives_the_same_cells(session, tmp_path, by_site):
    region = Region.load("midt-norge")
    source = write_synthetic(tmp_path / "rows.parquet", region, ROWS, people=ROWS // 5, faults=0.01)
    build_cells(source, region, tmp_path / "cells", until="2026-01-01", by_site=by_site)
    expected = pd.read_parquet(tmp_path / "cells" / "cells.parquet")
    session.read.parquet(str(source)).createOrReplaceTempView("episodes")
    found = spark_cells(session, "episodes", mappings_of(region), "2026-01-01", by_site=by_site)
    pd.testing.assert_frame_equal(found.reset_index(drop=True), expected, check_dtype=False)
    assert found["stays"].sum() > 0


def test_another_time_zone_is_refused(session):
    session.conf.set("spark.sql.session.timeZone", "Europe/Oslo")
    try:
        with pytest.raises(PlanError) as caught:
            spark_cells(session, "episodes", mappings_of(Region.load("midt-norge")), "2026-01-01")
        assert caught.value.code == "time-zone-unfit"
    finally:
        session.conf.set("spark.sql.session.timeZone", "UTC")
