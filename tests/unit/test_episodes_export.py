"""What leaves the store of cells: added up, protected, attacked."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from framsyn.errors import PlanError
from framsyn.methods.disclosure import recomputed, with_margins
from framsyn.region import Region
from framsyn.sources.episodes.export import banded, export_cells
from framsyn.sources.episodes.synthetic import write_synthetic

pytest.importorskip("duckdb")
from framsyn.sources.episodes.build import build_cells

LEVEL = ("service", "sex", "year")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cells")
    region = Region.load("midt-norge")
    source = write_synthetic(folder / "rows.parquet", region, 12_000, people=3_000, faults=0)
    build_cells(source, region, folder / "cells", people=[LEVEL, ("area", "age")])
    return folder


def as_array(table: pd.DataFrame, level: tuple[str, ...], measure: str) -> tuple[np.ndarray, np.ndarray]:
    """The table as an array with its totals last, and where it is hidden."""
    shape = [table[name].nunique() for name in level]
    values = table[measure].to_numpy(dtype=float, na_value=np.nan).reshape(shape)
    return values, np.isnan(values)


def test_the_table_adds_up_and_hides_small_counts(made, tmp_path):
    found = export_cells(made / "cells", tmp_path / "stays.csv", LEVEL)
    table = pd.read_csv(found.path, dtype={"year": str}).convert_dtypes()
    values, hidden = as_array(table, LEVEL, "stays")
    cells = pd.read_parquet(made / "cells" / "cells.parquet")
    truth = cells.pivot_table(
        index="service", columns=["sex", "year"], values="stays", aggfunc="sum", fill_value=0
    )
    full = with_margins(truth.to_numpy().reshape(len(truth), 2, -1))
    assert (values[~hidden] == full[~hidden]).all()
    assert hidden[(full > 0) & (full < 5)].all()
    assert 0 < hidden.sum() < hidden.size
    assert not recomputed(full, hidden).any()
    about = json.loads((tmp_path / "stays.json").read_text())
    assert about["hidden"] == found.hidden == hidden.sum()
    assert about["judged_by"] == "people"


def test_many_visits_of_few_persons_are_a_small_count(tmp_path):
    folder = tmp_path / "cells"
    folder.mkdir()
    parts = {"service": "som_01", "sex": ["male", "female"] * 3, "year": [2024, 2024, 2025, 2025, 2026, 2026]}
    pd.DataFrame({**parts, "stays": [40, 41, 42, 43, 44, 45], "episodes": 50}).to_parquet(
        folder / "cells.parquet"
    )
    pd.DataFrame({**parts, "people": [30, 30, 30, 2, 30, 30]}).to_parquet(
        folder / "people-service-sex-year.parquet"
    )
    (folder / "manifest.json").write_text("{}")
    export_cells(folder, tmp_path / "out.csv", LEVEL)
    table = pd.read_csv(tmp_path / "out.csv", dtype=str)
    row = table[(table["sex"] == "female") & (table["year"] == "2025") & (table["service"] == "som_01")]
    assert row["stays"].isna().all()


def test_without_persons_at_the_level_the_file_says_so(made, tmp_path):
    assert export_cells(made / "cells", tmp_path / "out.csv", ["level", "year"]).judged_by == "episodes"


def test_rounding_shows_every_entry_as_a_multiple(made, tmp_path):
    found = export_cells(
        made / "cells", tmp_path / "out.csv", ["area", "age"], "outpatient_contacts", method="round"
    )
    table = pd.read_csv(found.path)
    assert (table["outpatient_contacts"] % 5 == 0).all()
    assert found.hidden == 0
    assert {"0-17", "18-49", "50-66", "67-79", "80+", "all"} == set(table["age"])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"level": ["person"]}, "level-unfit"),
        ({"level": []}, "level-unfit"),
        ({"level": ["area", "area"]}, "level-unfit"),
        ({"measure": "people"}, "export-unfit"),
        ({"method": "trust me"}, "export-unfit"),
        ({"threshold": 1}, "export-unfit"),
        ({"level": ["service", "level", "age", "sex", "area", "year", "month"]}, "table-too-large"),
    ],
)
def test_what_cannot_be_exported_is_told_and_nothing_is_written(made, tmp_path, change, code):
    options = {"level": ["area", "year"], **change}
    with pytest.raises(PlanError) as caught:
        export_cells(made / "cells", tmp_path / "out.csv", **options)
    assert caught.value.code == code
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_cells(tmp_path):
    with pytest.raises(PlanError) as caught:
        export_cells(tmp_path, tmp_path / "out.csv", ["area"])
    assert caught.value.code == "cells-missing"


def test_persons_are_counted_once_in_a_level(made):
    people = pd.read_parquet(made / "cells" / "people-age-area.parquet")
    rows = pd.read_parquet(made / "rows.parquet")
    rows = rows[rows["care_level"] != 8]
    rows["age"] = banded((rows["in_time"].dt.year - rows["birth_year"]).clip(0, 105))
    expected = rows.groupby(["municipality", "age"], observed=True)["person"].nunique()
    for row in people.itertuples():
        assert expected[row.area, row.age] == row.people
    assert len(people) == len(expected)
