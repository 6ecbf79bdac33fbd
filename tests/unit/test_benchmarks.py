"""The benchmarks work and say the truth about what they compare; no time is judged here."""

from __future__ import annotations

import doctest
import importlib
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest


@pytest.fixture
def bench(root: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function that imports a module of the benchmarks."""
    monkeypatch.syspath_prepend(str(root))

    def load(name: str) -> ModuleType:
        return importlib.import_module(f"benchmarks.{name}")

    return load


def test_examples_in_the_helpers_hold(bench) -> None:
    for name in ("measuring", "__main__"):
        found = doctest.testmod(bench(name))
        assert found.attempted > 0
        assert found.failed == 0


def test_a_figure_is_judged_in_its_own_direction(bench) -> None:
    figure = bench("measuring").Figure
    assert figure("x", 2.0, "s", limit=3.0).kept()
    assert not figure("x", 4.0, "s", limit=3.0).kept()
    assert figure("x", 1200.0, "×", limit=1000.0, better="higher").kept()
    assert not figure("x", 900.0, "×", limit=1000.0, better="higher").kept()
    assert figure("x", None, "GiB", limit=3.0).kept() is None
    assert figure("x", 2.0, "s", beside=("peer", 8.0)).ratio() == 4.0
    assert figure("x", 2.0, "GB/s", better="higher", beside=("peer", 8.0)).ratio() == 0.25
    assert figure("x", None, "GiB", limit=3.0).record("chain")["value"] is None


def test_every_file_with_a_promise_is_run_and_told(bench, root: Path) -> None:
    helpers = {"__init__", "__main__", "machine", "measuring", "site_drive", "site_fill", "explorer_drive"}
    files = {path.stem for path in (root / "benchmarks").glob("*.py")} - helpers
    assert files == set(bench("__main__").BENCHES)
    told = (root / "benchmarks" / "README.md").read_text(encoding="utf-8")
    assert all(f"`{name}.py`" in told for name in files)


def test_the_nation_is_whole_and_says_that_it_is_made_up(bench, midt, tmp_path: Path) -> None:
    people = bench("nation").make_nation(tmp_path / "nation", 90)
    nation = type(midt).load(tmp_path / "nation")
    assert len(nation.areas) == 90
    assert int(nation.population(2025).sum()) == people
    shipped = nation.population(2025).sel(area=midt.areas)
    assert np.array_equal(shipped, midt.population(2025))
    assert set(nation.area_trust("SOM")[len(midt.areas) :]) == {0, 1, 2}
    assert "ynthetic" in nation.descriptor["title"]
    assert "ynthetic" in nation.label_of("area", nation.areas[-1])


def test_rows_and_cells_are_the_same_sum(bench) -> None:
    rows = bench("rows")
    case, _ = rows.make_case(20_000, 4, 2030)
    assert len(case.rows) == 20_000
    _, means = rows.cells(case, 2030)
    for draw in range(4):
        by_service = np.bincount(
            case.rows["service"], rows.row_factors(case, draw), minlength=len(case.services)
        )
        np.testing.assert_allclose(means[draw], by_service, rtol=1e-9)


def test_the_three_row_methods_give_the_same_numbers(bench) -> None:
    rows = bench("rows")
    case, _ = rows.make_case(20_000, 2, 2030)
    lean = rows.lean_row_draw(case, 1)
    joined = rows.row_draw(case, 1)["service"].reindex(case.services, fill_value=0)
    tuned = rows.tuned_row_draw(case, 1)["service"].reindex(range(len(case.services)), fill_value=0)
    assert lean.sum() > 15_000
    np.testing.assert_allclose(joined, lean, atol=1)
    np.testing.assert_allclose(tuned, lean, atol=1)


def test_a_quick_run_writes_figures_as_json_lines(
    root: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    out = tmp_path / "bench.jsonl"
    command = [sys.executable, "-m", "benchmarks", "--quick", "--out", str(out), "desk"]
    done = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    machine, *records = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert machine["bench"] == "machine"
    assert machine["quick"] is True
    assert {"processor", "cores", "python", "numpy", "numba"} <= set(machine)
    assert len(records) > 8
    apart = [record for record in records if "desk against whole chain" in record["name"]]
    assert len(apart) == 3
    assert all(record["kept"] for record in apart)
    assert list(tmp_path.iterdir()) == [out]


def test_an_unknown_name_is_refused(root: Path, environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "benchmarks", "nonsense"]
    done = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 2
    assert "chain" in done.stderr


def test_the_shares_of_a_run_add_up_and_nothing_stays_replaced(bench) -> None:
    from framsyn.methods import cohort
    from framsyn.outlook import run

    before = run.project_people_and_use, cohort.project_cohorts
    answer = bench("chain").stages(draws=2, until=2026)
    assert {"project_people_and_use", "project_activity", "kernel project_cohorts"} <= set(answer["spent"])
    assert np.isclose(sum(answer["spent"].values()), answer["total"])
    assert min(answer["spent"].values()) >= 0
    assert (run.project_people_and_use, cohort.project_cohorts) == before


def test_the_kernels_are_held_against_the_machine(bench) -> None:
    chain = bench("chain")
    answer = chain.kernels(draws=2, until=2026, quick=True)
    assert answer["cohort_bytes"] == 2 * answer["gather_bytes"] == 2 * 2 * 8 * 66 * 212 * 2
    figures = list(chain.kernel_figures(answer))
    beside = {figure.beside[0] for figure in figures if figure.beside}
    assert {"triad", "dgemm, large squares"} <= beside
    assert all(figure.value > 0 for figure in figures)
