"""The command line: help with examples that run, JSON alone on stdout, exit codes, tables that fit, nothing half written."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from rich.cells import cell_len
from tests.support.region_sources import made_up

import framsyn
from framsyn.cli import EXAMPLES, app, invoke
from framsyn.cli.explain import bar
from framsyn.cli.progress import Cancelled, Work
from framsyn.outlook.run import run as real_run
from framsyn.outlook.store import check_target
from framsyn.region.build import DERIVED_TABLES
from framsyn.report.evidence import OTHER_SERVICES, PUBLISHED_PROFESSIONS
from framsyn.sources.fetching import Rate
from framsyn.sources.regions import find_authority
from framsyn.sources.regions.facts import region_facts

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = Path(framsyn.__file__).parent / "regions" / "midt-norge"
START = "import sys; sys.argv[0] = 'framsyn'; from framsyn.cli import main; main()"
FEW = ["--draws", "20"]
SITE = [
    "serve",
    "createadmin",
    "backup",
    "restore",
    "audit seal",
    "audit head",
    "audit verify",
    "followup remind",
    "followup radar",
    "exchange export",
    "exchange check",
    "exchange import",
    "exchange fhir",
    "catalogue",
    "export site",
    "plan import",
]  # their examples: test_cli_site.py; themselves: tests/web
COMMANDS = [
    "demo",
    "run",
    "compare",
    "explain",
    "hindcast",
    "check",
    "region",
    "region build",
    "region refresh",
    "region diff",
    "region check",
    "region template",
    "region export",
    "region import",
    "region copy",
    "levers",
    "sources",
    "reach",
    "cells",
    "cells example",
    "cells build",
    "cells export",
    "schema",
    *SITE,
    "audit",
    "exchange",
    "export",
    "followup",
    "plan",
]
GROUPS = {name.split()[0] for name in COMMANDS if " " in name}


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Few draws where a command names none, few for the drivers, a folder of its own, 100 columns."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FRAMSYN_DRAWS", "20")
    monkeypatch.setenv("FRAMSYN_NO_SERVE", "1")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr("framsyn.analyses.drivers.ENSEMBLE", 16)


KNOWN: dict[tuple[Any, ...], Any] = {}


@pytest.fixture(autouse=True)
def run_once(monkeypatch: pytest.MonkeyPatch, shipped_once: None) -> None:
    """Make each run of these tests once; what the commands make of it is tested, and `real_run` beside it."""

    def run(region: Any, scenario: Any, progress: Any = None, workers: int | None = None, **how: Any) -> Any:
        region = framsyn.Region.load(region) if isinstance(region, str) else region
        scenario = framsyn.Scenario.load(scenario, region=region) if isinstance(scenario, str) else scenario
        key = (region.digest(), scenario.digest(), workers == 0, *sorted(how.items()))
        if key not in KNOWN:
            KNOWN[key] = real_run(region, scenario, progress=progress, workers=workers, **how)
        return KNOWN[key]

    monkeypatch.setattr("framsyn.outlook.run.run", run)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]):
    """Call the command line and return exit code, stdout and stderr."""

    def call(*words: str) -> tuple[int, str, str]:
        code = invoke(list(words))
        out, err = capsys.readouterr()
        return code, out, err

    return call


@pytest.fixture(scope="module")
def raw_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Raw tables of a region: those that the package carries, and invented counts between its two counted years."""
    raw = tmp_path_factory.mktemp("made") / "raw"
    raw.mkdir()
    facts = region_facts(find_authority("helse-midt-norge"), {}, 2025)
    (raw / "region.json").write_text(json.dumps(facts), encoding="utf-8")
    for path in (SHIPPED / "tables").glob("*.csv"):
        if path.stem not in DERIVED_TABLES:
            shutil.copy(path, raw)
    counted = pd.read_csv(SHIPPED / "tables" / "population.csv", dtype={"area": str})
    start, end = (counted[counted["year"] == year].set_index(["area", "age"]) for year in (2015, 2025))
    years = []
    for year in range(2005, 2026):
        part = min(max((year - 2015) / 10, 0.0), 1.0)
        frame = (start[["male", "female"]] * (1 - part) + end[["male", "female"]] * part).round().astype(int)
        years.append(frame.reset_index().assign(year=year, approximate=0))
    pd.concat(years).to_csv(raw / "population_counts.csv", index=False)
    shares = [
        (2005, 2025, age, share)
        for age, share in zip(range(15, 50, 5), (1, 8, 30, 37, 19, 4, 1), strict=True)
    ]
    pd.DataFrame(shares, columns=["year_from", "year_to", "age_from", "share"]).to_csv(
        raw / "fertility_shares.csv", index=False
    )
    return raw


def process(
    *words: str, environment: dict[str, str], cwd: Path, **more: Any
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", START, *words],
        env=environment, cwd=cwd, capture_output=True, encoding="utf-8", check=False, **more,
    )  # fmt: skip


# ---------------------------------------------------------------- help
def test_the_commands_are_those_that_are_promised() -> None:
    listed = {name for name in app if not name.startswith("-")}
    assert listed == {name for name in COMMANDS if " " not in name}
    assert "build" in list(app["region"])
    assert set(EXAMPLES) == set(COMMANDS) - GROUPS


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_help_has_an_example_and_fits(command: str, call) -> None:
    code, out, err = call(*command.split(), "--help")
    assert code == 0
    assert err == ""
    assert "$ framsyn" in out
    for line in EXAMPLES.get(command, ()):
        assert f"$ {line}\n" in out
    assert max(map(cell_len, out.splitlines())) <= 100
    assert "Parameters" in out or command in {"", "schema", *GROUPS}


# The last example of the demo is run by test_the_demo_writes_its_folder.
EVERY_EXAMPLE = [
    line
    for name, lines in EXAMPLES.items()
    for line in lines
    if name not in SITE and line != EXAMPLES["demo"][-1]
]


@pytest.fixture
def authority_served(monkeypatch: pytest.MonkeyPatch):
    """Serve the sources of an authority with made-up figures for the commands of this test."""
    with ExitStack() as stack:

        def serve(name: str) -> None:
            services = stack.enter_context(made_up(name).running())
            monkeypatch.setattr("framsyn.cli.region_sources.ADDRESSES", services.addresses)
            often = {name: Rate(calls=1_000_000, seconds=1.0) for name in ("ssb", "klass", "kartverket")}
            monkeypatch.setattr("framsyn.cli.region_sources.LIMITS", often)

        yield serve


@pytest.mark.parametrize("line", EVERY_EXAMPLE)
def test_every_example_of_a_help_runs(
    line: str, call, raw_folder: Path, tmp_path: Path, authority_served
) -> None:
    words = shlex.split(line)
    authority = next((word for word in words if word in ("helse-nord", "helse-vest")), None)
    if authority:
        cache = ["--cache", "answers"]
        authority_served(authority)
        if words[2] != "build" or "--offline" in words:
            call("region", "build", authority, "--out", authority, *cache)
        if words[2] in ("build", "refresh") and "--cache" not in words:
            words += cache
    assert words[0] == "framsyn"
    if words[1] == "demo":
        pytest.importorskip("framsyn.report.bundle", reason="the report is not there")
    if words[1] == "region":
        shutil.copytree(raw_folder, tmp_path / "raw")
    if words[1] == "region" and "my-region" in words[3:]:
        if "copy" not in words:
            call("region", "copy", "midt-norge", "--out", "my-region")
        if "import" in words:
            call("region", "export", "my-region", "beds", "--out", "tables.xlsx")
            call("region", "export", "my-region", "--out", "tables")
            shutil.copy("tables/beds.csv", "beds.csv")
    if words[1] == "cells":
        pytest.importorskip("duckdb")
        steps = [EXAMPLES[name][0] for name in ("cells example", "cells build", "cells export")]
        for before in steps[: ("example", "build", "export").index(words[2])]:
            call(*shlex.split(before)[1:])
    target = words.index(">") if ">" in words else len(words)
    code, out, _ = call(*words[1:target])
    expected = (
        {0, 1} if words[1] == "region" else {0}
    )  # invented counts contradict the published sums, and are told
    assert code in expected
    assert out.strip()
    if "--json" in words or words[1] == "schema":
        json.loads(out)
    else:
        assert_fits(out)


def assert_fits(out: str, width: int = 100) -> None:
    too_wide = [line for line in out.splitlines() if cell_len(line) > width and "/" not in line]
    assert too_wide == []
    assert "\x1b[" not in out


def test_help_is_quick_and_leaves_the_engine_alone(environment: dict[str, str], tmp_path: Path) -> None:
    code = (
        # Processor time from the start of the interpreter: a busy machine is not our fault.
        "from time import process_time as now; import sys; sys.argv = ['framsyn', '--help']\n"
        "from framsyn.cli import invoke; code = invoke()\n"
        "heavy = {'numpy', 'pandas', 'xarray', 'numba', 'scipy', 'altair', 'pydantic'} & set(sys.modules)\n"
        "print(now(), code, sorted(heavy), file=sys.stderr)"
    )
    times = []
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, encoding="utf-8", check=True
        )
        seconds, rest = done.stderr.strip().split(" ", 1)
        assert rest == "0 []"
        times.append(float(seconds))
    assert min(times) < 0.4


def test_version_is_that_of_the_engine(call) -> None:
    from framsyn.outlook.manifest import engine_version

    assert call("--version")[:2] == (0, engine_version() + "\n")


# ---------------------------------------------------------------- run
def test_run_writes_json_alone_and_the_numbers_of_the_outlook(call) -> None:
    code, out, err = call(
        "run", "plan", *FEW, "--seed", "7", "--quantity", "beds,population", "--month", "2030", "--json"
    )
    found = json.loads(out)
    assert code == 0
    assert "Running plan" in err
    outlook = real_run("midt-norge", "plan", draws=20, seed=7)
    assert found["manifest"]["id"] == outlook.id
    assert {row["quantity"] for row in found["rows"]} == {"beds", "population"}
    row = next(r for r in found["rows"] if (r["quantity"], r["part"], r["year"]) == ("beds", "SOM", 2040))
    want = (
        outlook.quantiles("beds", (0.1, 0.5, 0.9), ("year",), {"service_area": "SOM"}).sel(year=2040).values
    )
    assert [row["p10"], row["p50"], row["p90"]] == pytest.approx(want)
    months = [m for m in found["months"] if m["service_area"] == "SOM"]
    assert [m["month"] for m in months] == list(range(1, 13))
    year = float(outlook.quantiles("beds", 0.5, ("year",), {"service_area": "SOM"}).sel(year=2030).squeeze())
    assert np.mean([m["p50"] for m in months]) == pytest.approx(year, rel=0.01)
    assert max(m["p50"] for m in months) > year


def test_run_shows_medians_with_intervals_and_the_count_in_full(call) -> None:
    code, out, _ = call("run", "demography", *FEW, "--quantity", "population", "--years", "2025,2040")
    assert code == 0
    assert_fits(out)
    line = next(line for line in out.splitlines() if line.startswith("Population"))
    assert "760,602" in line
    assert re.search(r"\d00 \(\d[\d,]+00–\d[\d,]+00\)", line)
    assert "[person]" in line
    assert "2030" not in out


def test_switch_control_and_horizon_reach_the_run(call) -> None:
    words = [
        "run",
        "demography",
        *FEW,
        "--quantity",
        "population",
        "--level",
        "trust",
        "--json",
        "--until",
        "2042",
    ]
    found = json.loads(call(*words, "--control", "trust", "--years", "2040")[1])
    assert found["manifest"]["until"] == 2042
    assert {row["trust"]: row["central"] for row in found["rows"]} == pytest.approx(
        {"hmr": 278_653, "hnt": 139_469, "sto": 380_580}, abs=0.01
    )
    found = json.loads(call(*words, "--switch", "bindal=false", "--years", "2025")[1])
    assert found["manifest"]["switches"] == {"bindal": False}
    assert {row["trust"]: row["central"] for row in found["rows"]}["hnt"] == pytest.approx(137_182)


def test_a_part_without_open_figures_is_left_out_and_not_shown_as_nought(call) -> None:
    rows = json.loads(call("run", "plan", *FEW, "--quantity", "patients", "--json")[1])["rows"]
    assert {row["part"] for row in rows} == {"SOM", "PHV"}


def test_the_probability_of_an_event_is_its_share_of_draws(call) -> None:
    rows = json.loads(call("run", "demography", *FEW, "--quantity", "liquidity_breach", "--json")[1])["rows"]
    outlook = framsyn.run("midt-norge", "demography", draws=20)
    want = float(outlook.draws("liquidity_breach", ("year",)).sel(year=2040).mean())
    assert rows[-1]["year"] == 2040
    assert rows[-1]["probability"] == pytest.approx(want)
    assert rows[-1]["p50"] is None


def test_no_difference_between_trusts_that_only_an_assumption_made(call) -> None:
    words = [
        "--level",
        "trust",
        "--quantity",
        "beds,treated_stays,staff_gap,need",
        "--month",
        "2040",
        "--json",
    ]
    found = json.loads(call("run", "plan", *FEW, *words)[1])
    parts: dict[str, set[str]] = {}
    for row in found["rows"]:
        parts.setdefault(row["quantity"], set()).add(row["part"])
    joined = "+".join(OTHER_SERVICES)
    assert parts["beds"] == parts["treated_stays"] == {"SOM", joined}
    assert parts["staff_gap"] == set(PUBLISHED_PROFESSIONS)
    assert parts["need"] == {"SOM", *OTHER_SERVICES}
    assert {m["service_area"] for m in found["months"]} == {"SOM", joined}
    outlook = framsyn.run("midt-norge", "plan", draws=20)
    chosen = ("beds", joined, "hnt", 2040)
    row = next(r for r in found["rows"] if (r["quantity"], r["part"], r["trust"], r["year"]) == chosen)
    where = {"service_area": list(OTHER_SERVICES), "trust": "hnt"}
    assert row["p50"] == pytest.approx(float(outlook.draws("beds", ("year",), where).sel(year=2040).median()))
    assert row["central"] == pytest.approx(
        float(outlook.central_value("beds", ("year",), where).sel(year=2040))
    )


def test_municipalities_fit_and_are_all_there(call) -> None:
    code, out, _ = call("run", "plan", *FEW, "--level", "area", "--quantity", "need")
    assert code == 0
    assert_fits(out)
    region = framsyn.Region.load("midt-norge")
    names = [region.label_of("area", area, "nb") for area in region.areas]
    assert [name for name in names if f"  {name} " not in out] == []


@pytest.mark.parametrize("width", [80, 100])
@pytest.mark.parametrize(
    "words",
    [
        ("run", "plan"), ("run", "plan", "--level", "trust", "--month", "2040"), ("compare", "demography", "plan"),
        ("hindcast",), ("check",), ("demo", "--no-report"), ("run", "plan", "--quantity", "all"),
        ("explain", "plan", "--service-area", "PHV"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_tables_fit(words: tuple[str, ...], width: int, call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    code, out, _ = call(*words)
    assert code == 0
    assert_fits(out, width)
    assert "nan" not in out.lower().split()


def test_results_are_written_whole_and_only_over_our_own(call, tmp_path: Path) -> None:
    assert call("run", "plan", *FEW, "--out", "found/plan")[0] == 0
    folder = tmp_path / "found" / "plan"
    assert {p.name for p in folder.iterdir()} == {
        "trusts.parquet",
        "areas.parquet",
        "scenario.toml",
        "manifest.json",
    }
    assert call("run", "plan", *FEW, "--seed", "2", "--out", "found/plan")[0] == 0
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["seed"] == 2
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("keep", encoding="utf-8")
    code, out, err = call("run", "plan", *FEW, "--out", "mine")
    assert code == 2
    assert out == ""
    assert "folder-not-ours" in err
    assert "Running" not in err  # told before the work, not after it
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["letter.txt"]
    assert [p.name for p in (tmp_path / "found").iterdir()] == ["plan"]


# ---------------------------------------------------------------- compare, explain, hindcast, check, region build, schema
def test_compare_agrees_with_the_public_function_and_knows_a_threshold(call) -> None:
    words = ["compare", "demography", "plan", *FEW, "--quantity", "bed_days", "--json"]
    code, out, _ = call(*words)
    found = json.loads(out)
    outlooks = [real_run("midt-norge", name, draws=20) for name in ("demography", "plan")]
    want = framsyn.compare(*outlooks, years=[2040], names=["bed_days"]).set_index("part")
    assert code == 0
    for row in found["rows"]:
        for key in ("first", "second", "difference", "p10", "p90", "share"):
            assert row[key] == pytest.approx(want.at[row["part"], key])
    largest = 100 * want["share"].abs().max()
    assert call(*words, "--threshold", f"{largest + 0.1:.3f}")[0] == 0
    code, out, _ = call(*words, "--threshold", f"{largest - 0.1:.3f}")
    assert code == 1
    assert json.loads(out)["over"] == 1


def test_compare_of_a_scenario_with_itself_finds_nothing(call) -> None:
    rows = json.loads(call("compare", "trend", "trend", *FEW, "--json", "--quantity", "all")[1])["rows"]
    assert max(abs(row["difference"]) for row in rows) == 0


def test_explain_adds_up_to_the_change(call) -> None:
    code, out, _ = call("explain", "plan", "--service-area", "SOM", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["start"] == "2025"
    assert sum(e["effect"] for e in found["effects"]) == pytest.approx(found["after"] - found["before"])
    two = json.loads(call("explain", "demography", "plan", "--service-area", "SOM", "--json")[1])
    assert two["after"] == pytest.approx(found["after"])
    assert (two["start"], two["end"]) == ("demography", "plan")
    assert "people_number" not in {e["factor"] for e in two["effects"]}


def test_explain_shows_bars_to_both_sides(call) -> None:
    out = call("explain", "plan", "--service-area", "SOM")[1]
    rises = next(line for line in out.splitlines() if "Age and sex" in line)
    falls = next(line for line in out.splitlines() if "Healthier ageing" in line)
    assert re.search(r"\+\d.*│█", rises)
    assert re.search(r"−\d.*█│", falls)
    assert rises.index("│") == falls.index("│")
    assert call("explain", "plan", "plan")[1].count("No assumption that moves need") == 1


@pytest.mark.parametrize(
    ("share", "left", "right"), [(1.0, 0, 12), (-1.0, 12, 0), (0.25, 0, 3), (0.0, 0, 0), (-9.0, 12, 0)]
)
def test_a_bar_is_as_long_as_its_share(share: float, left: int, right: int) -> None:
    before, after = bar(share).split("│")
    assert (before.count("█"), after.count("█")) == (left, right)
    assert len(before) == len(after) == 12


def test_hindcast_names_every_municipality_that_it_misses(call) -> None:
    found = json.loads(call("hindcast", *FEW, "--json")[1])
    out = call("hindcast", *FEW)[1]
    by_area = {row["area"]: row for row in found["areas"]}
    outside = {a for a, row in by_area.items() if not row["p10"] <= row["actual"] <= row["p90"]}
    assert set(found["missed"]) == outside
    assert 0 < len(outside) < len(by_area)
    assert [a for a in outside if by_area[a]["name"] not in out] == []
    assert found["scores"]["coverage"] == pytest.approx(1 - len(outside) / len(by_area))
    assert call("hindcast", *FEW, "--min-coverage", "1")[0] == 0
    assert call("hindcast", *FEW, "--min-coverage", "100")[0] == 1


def test_check_finds_what_is_wrong_and_says_where(call, tmp_path: Path) -> None:
    region = tmp_path / "midt-norge"
    shutil.copytree(SHIPPED, region)
    code, out, _ = call("check", str(region), "--json")
    assert (code, json.loads(out)["errors"]) == (0, 0)
    assert json.loads(out)["scenarios"] == framsyn.Scenario.shipped("midt-norge")
    table = region / "tables" / "beds.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    lines[3] = (
        lines[3].replace(",157,", ",-157,")
        if ",157," in lines[3]
        else re.sub(r",(\d+),,", r",-\1,,", lines[3])
    )
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    code, out, _ = call("check", str(region), "--json")
    found = json.loads(out)
    assert code == 1
    assert found["errors"] == 1
    assert found["findings"][0]["file"] == "beds.csv"
    assert found["findings"][0]["row"] == 4
    code, out, _ = call("check", str(region))
    assert code == 1
    assert "beds.csv" in out


def test_check_of_a_scenario_file(call, tmp_path: Path) -> None:
    text = framsyn.Scenario.load("plan").to_toml()
    (tmp_path / "mine.toml").write_text(
        text.replace("realisation = 1.0", "realisation = 1.3", 1), encoding="utf-8"
    )
    code, out, _ = call("check", "--scenario", "mine.toml", "--json")
    found = json.loads(out)
    assert code == 1
    assert [f["level"] for f in found["findings"] if f["file"] == "mine.toml"] == ["error"]
    assert call("check", "--scenario", "absent.toml")[0] == 2


def test_check_finds_a_parameter_that_only_a_run_would_refuse(call, tmp_path: Path) -> None:
    text = framsyn.Scenario.load("plan").to_toml()
    (tmp_path / "mine.toml").write_text(
        re.sub(r'parameter = "\w+"', 'parameter = "loss_target"', text, count=1), encoding="utf-8"
    )
    code, out, _ = call("check", "--scenario", "mine.toml", "--json")
    assert code == 1
    assert [f["code"] for f in json.loads(out)["findings"] if f["level"] == "error"] == ["parameter-fixed"]


def test_a_region_without_scenarios_says_where_some_are(call, tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "bare", ignore=shutil.ignore_patterns("scenarios"))
    theirs = SHIPPED / "scenarios" / "plan.toml"
    for words in (("run", "plan"), ("explain", "plan"), ("check", "bare", "--scenario", "plan")):
        where = () if words[0] == "check" else ("--region", "bare")
        code, out, _ = call(*words, *where, "--json")
        assert (code, json.loads(out)["error"]["code"]) == (2, "no-scenarios"), words
        assert str(theirs) in json.loads(out)["error"]["message"]
    code, out, _ = call("check", "bare", "--json")
    assert (code, [f["level"] for f in json.loads(out)["findings"] if f["code"] == "no-scenarios"]) == (
        0,
        ["note"],
    )
    assert call("check", "bare", "--scenario", str(theirs), "--json")[0] == 0


def test_region_build_makes_a_folder_that_runs(call, raw_folder: Path) -> None:
    code, out, _ = call("region", "build", str(raw_folder), "--out", "built", "--json")
    found = json.loads(out)
    assert found["region"] == "midt-norge"
    assert (code == 1) == (found["errors"] > 0)
    assert Path(found["folder"], "datapackage.json").is_file()
    assert call("region", "build", "nowhere", "--out", "other")[0] == 2
    assert not Path("other").exists()


def test_schema_is_the_published_one(call) -> None:
    published = Path(framsyn.__file__).parent / "scenario" / "scenario.schema.json"
    assert call("schema")[:2] == (0, published.read_text(encoding="utf-8"))


# ---------------------------------------------------------------- demo
def test_the_demo_prints_the_plan_beside_ours(call) -> None:
    code, out, err = call("demo", "--no-report", *FEW)
    assert code == 0
    for published in ("272,413", "138,556", "349,633", "380,580", "798,702"):
        assert published in out
    assert "in all" in err
    assert "How an earlier projection" in out
    heads = (
        "Need",
        "Patients",
        "Bed days",
        "Beds",
        "Outpatient rooms",
        "Staff gap",
        "Result",
        "Liquidity",
        "Emissions",
    )
    for head in heads:
        assert any(line.startswith(head) for line in out.splitlines()), head
    assert not Path("out").exists()


def test_the_demo_in_json_holds_what_the_tables_show(call) -> None:
    code, out, _ = call("demo", "--no-report", *FEW, "--json")
    found = json.loads(out)
    assert code == 0
    region = found["plan_table"][-1]
    assert region["place"] == "region"
    assert region["published"] == [760_602, 798_702]
    assert region["projected"][0] == pytest.approx([760_602] * 3)
    somatic = found["headline"][0]
    assert somatic["published"] == pytest.approx(0.13)
    assert somatic["plan"][0] < somatic["plan"][1] < somatic["plan"][2]
    assert somatic["demography"][1] > somatic["plan"][1]
    assert {row["scenario"] for row in found["results"]} == {"plan", "demography"}
    assert {row["year"] for row in found["results"]} == {2025, 2030, 2040}
    assert found["files"] == []


def test_the_demo_writes_its_folder(call, tmp_path: Path) -> None:
    pytest.importorskip("framsyn.report.bundle", reason="the report is not there")
    code, out, _ = call(*shlex.split(EXAMPLES["demo"][-1])[1:])
    assert code == 0
    folder = tmp_path / "out" / "demo"
    names = {p.name for p in folder.iterdir()}
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["run"]["draws"] == 200
    assert {p.suffix for p in folder.rglob("*")} >= {".html", ".xlsx", ".parquet", ".json"}
    told = out[out.index("Written to") :]
    assert [name for name in names if name not in told] == []
    assert told.index("report.en.html") < told.index("report.nb.html")
    assert [p.name for p in folder.parent.iterdir()] == ["demo"]


def test_the_demo_refuses_a_folder_before_it_works(call, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "letter.txt").write_text("keep", encoding="utf-8")
    code, out, err = call("demo", *FEW)
    assert (code, out) == (2, "")
    assert "Running" not in err


# ---------------------------------------------------------------- bad input
BAD = [
    (("run", "plam"), "unknown-scenario", 'Did you mean "plan"'),
    (("run", "plan", "--draws", "1"), "too-few-draws", "at least 2"),
    (("run", "plan", "--until", "2080"), "horizon-out-of-range", "2060"),
    (("run", "plan", "--years", "2025,2055"), "bad-years", "2025–2040"),
    (("run", "plan", "--years", "soon"), "bad-years", "commas"),
    (("run", "plan", "--month", "2050"), "year-outside-run", "2025–2040"),
    (("run", "plan", "--quantity", "bedz"), "unknown-quantity", "beds"),
    (("run", "plan", "--level", "area", "--quantity", "result"), "nothing-to-summarise", "area"),
    (("run", "plan", "--switch", "bindal"), "bad-switch", "bindal=false"),
    (("run", "plan", "--switch", "bindel=true"), "unknown-switch", "bindal"),
    (("run", "plan", "--region", "nowhere"), "unknown-region", "midt-norge"),
    (("run", "plan", "--control", "moon"), "bad-arguments", "county"),
    (("run", "plan", "--workers", "0"), "too-few-workers", "1 or more"),
    (("run", "plan", "--bogus"), "bad-arguments", "--bogus"),
    (("run",), "bad-arguments", "framsyn run --help"),
    (("fly",), "bad-arguments", "framsyn --help"),
    (("compare", "plan"), "bad-arguments", "framsyn compare --help"),
    (("explain", "plan", "demography", "--drivers"), "one-scenario-only", "Name one"),
    (("explain", "plan", "--quantity", "liquidity"), "not-explained-over-time", "two outlooks"),
    (("check", "nowhere"), "unknown-region", "midt-norge"),
    (("region", "build", "nowhere", "--out", "x"), "unknown-authority", "helse-nord"),
    (("hindcast", "--draws", "0"), "too-few-draws", "at least 2"),
]


@pytest.mark.parametrize(("words", "code", "told"), BAD, ids=[" ".join(words) for words, _, _ in BAD])
def test_bad_input_ends_in_one_block_and_exit_code_2(
    words: tuple[str, ...], code: str, told: str, call, tmp_path: Path
) -> None:
    found, out, err = call(*words)
    assert found == 2
    assert out == ""
    block = err[err.index("Error") :].splitlines()
    assert block[0] == f"Error  {code}"
    assert all(line.startswith("  ") for line in block[1:])
    assert told in " ".join(line.strip() for line in block)
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_bad_input_in_json_has_one_shape(call) -> None:
    code, out, err = call("run", "plam", "--json")
    assert code == 2
    error = json.loads(out)["error"]
    assert error["code"] == "unknown-scenario"
    assert error["message"] in " ".join(err.split())
    assert error["data"]["got"] == "plam"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_told(call, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    code, _, err = call("run", "plan", *FEW, "--out", "closed/plan")
    assert code == 2
    assert "file-system" in err


# ---------------------------------------------------------------- cancelled, piped, elsewhere
@pytest.mark.skipif(
    sys.platform == "win32", reason="a console signal reaches the whole process group on Windows"
)
@pytest.mark.parametrize("executor", ["threads", "processes"])
def test_ctrl_c_leaves_nothing_half_written(
    executor: str, call, environment: dict[str, str], tmp_path: Path
) -> None:
    assert call("run", "plan", *FEW, "--out", "kept")[0] == 0
    before = {p.name: p.read_bytes() for p in (tmp_path / "kept").iterdir()}
    words = ["run", "plan", "--draws", "30000", "--executor", executor, "--out", "kept"]
    running = subprocess.Popen(
        [sys.executable, "-c", START, *words],
        env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
        start_new_session=True,
        # A test run that a shell put in the background hands down an ignored interrupt.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    assert running.stderr is not None
    assert "Running plan" in running.stderr.readline()
    time.sleep(1.5)
    os.killpg(running.pid, signal.SIGINT)  # what a terminal does: the workers hear it too
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert out == ""
    assert "Cancelled while running plan" in err
    assert "Nothing was half written" in err
    assert "Traceback" not in err
    assert {p.name: p.read_bytes() for p in (tmp_path / "kept").iterdir()} == before
    assert [p.name for p in tmp_path.iterdir()] == ["kept"]


def test_a_reader_that_leaves_is_no_error(environment: dict[str, str], tmp_path: Path) -> None:
    running = subprocess.Popen(
        [sys.executable, "-c", START, "run", "plan", "--draws", "20", "--quantity", "all"],
        env={**environment, "PYTHONUNBUFFERED": "1"}, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.close()
    err = running.stderr.read().decode("utf-8")
    assert running.wait(60) == 0, err
    assert "Traceback" not in err
    assert "BrokenPipe" not in err


def test_piped_output_is_utf8_at_100_columns_without_colour(
    environment: dict[str, str], tmp_path: Path
) -> None:
    plain = {key: value for key, value in environment.items() if key not in ("COLUMNS", "PYTHONUTF8")}
    plain |= {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    done = process("compare", "demography", "plan", *FEW, environment=plain, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "−" in done.stdout
    assert_fits(done.stdout)
    assert max(map(cell_len, done.stdout.splitlines())) > 80


def test_progress_without_a_terminal_tells_phases_and_a_stop_says_where(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Work() as work, work.phase("Doing this", 500, "draws") as step:
        step(1, 10)
    assert capsys.readouterr() == ("", "Doing this …\n")
    assert list(work.seconds) == ["Doing this"]
    with pytest.raises(Cancelled, match=r"doing this \(150 of 500 draws\)"), Work() as work:
        with work.phase("Doing this", 500, "draws") as step:
            step(3, 10)
            raise KeyboardInterrupt


def test_a_target_may_be_new_empty_or_ours(tmp_path: Path) -> None:
    assert check_target(tmp_path / "new") == tmp_path / "new"
    (tmp_path / "empty").mkdir()
    assert check_target(tmp_path / "empty") == tmp_path / "empty"
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(framsyn.PlanError, match="is a file"):
        check_target(tmp_path / "file")
