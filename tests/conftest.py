"""What all tests share: how hard hypothesis looks, and the folders of the project."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]

# The same examples at every run, so that a red test stays red; HYPOTHESIS_PROFILE=thorough looks further, at random.
settings.register_profile(
    "steady",
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("thorough", max_examples=2_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the project's top folder."""
    return ROOT


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """Return an environment in which a subprocess finds this source tree, installed or not."""
    source = str(ROOT / "src")
    path = os.pathsep.join(filter(None, [source, os.environ.get("PYTHONPATH", "")]))
    return {**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1", "FRAMSYN_NO_SERVE": "1"}


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Return a function that compares a text with the golden file of a name, or writes it (``make golden``)."""

    def compare(name: str, text: str) -> None:
        path = ROOT / "tests" / "golden" / name
        if os.environ.get("FRAMSYN_GOLDEN") == "write":
            path.write_text(text, encoding="utf-8", newline="\n")
        assert path.is_file(), f"{path.name} is missing; write it with `make golden`"
        assert text == path.read_text(encoding="utf-8"), f"{name} moved; if meant, `make golden` and say why"

    return compare


# ---------------------------------------------------------------- the engine: one region and a few runs for all tests
@pytest.fixture(scope="session")
def midt() -> Any:
    """Return the shipped region with Bindal, read once."""
    from framsyn.region import Region

    return Region.load("midt-norge")


SHIPPED: dict[Any, Any] = {}


@pytest.fixture
def shipped_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read a region that comes along once per setting, whoever asks; other folders are read anew each time."""
    from framsyn.region import Region
    from framsyn.region.codes import find_region

    read = Region.load

    def load(name_or_path: str | Path = "midt-norge", **switches: bool) -> Any:
        folder = find_region(name_or_path)
        if ROOT not in folder.parents:
            return read(name_or_path, **switches)
        key = (folder, *switches.items(), *map(type, switches.values()))
        if key not in SHIPPED:
            SHIPPED[key] = read(name_or_path, **switches)
        return SHIPPED[key]

    monkeypatch.setattr(Region, "load", load)


@pytest.fixture(scope="session")
def demography(midt: Any) -> Any:
    """Return the shipped scenario without change factors."""
    from framsyn.scenario import Scenario

    return Scenario.load("demography", region=midt)


@pytest.fixture(scope="session")
def plan(midt: Any) -> Any:
    """Return the shipped central plan."""
    from framsyn.scenario import Scenario

    return Scenario.load("plan", region=midt)


@pytest.fixture(scope="session")
def people_run(midt: Any, demography: Any) -> Any:
    """Return 100 draws of demography alone to 2040."""
    from framsyn.outlook.run import run

    return run(midt, demography, draws=100)


@pytest.fixture(scope="session")
def plan_run(midt: Any, plan: Any) -> Any:
    """Return 100 draws of the plan to 2040."""
    from framsyn.outlook.run import run

    return run(midt, plan, draws=100)


@pytest.fixture(scope="session")
def people_chain(midt: Any, demography: Any) -> Any:
    """Return the first 30 draws of demography alone, trusts and municipalities, before any quantile is taken."""
    from framsyn.outlook.run import prepare_chain, run_chain
    from framsyn.stages.draws import Draws

    return run_chain(prepare_chain(midt, demography), Draws.range(1, 0, 30))


@pytest.fixture(scope="session")
def plan_chain(midt: Any, plan: Any) -> Any:
    """Return the first 30 draws of the plan, trusts and municipalities, before any quantile is taken."""
    from framsyn.outlook.run import prepare_chain, run_chain
    from framsyn.stages.draws import Draws

    return run_chain(prepare_chain(midt, plan), Draws.range(1, 0, 30))


@pytest.fixture(scope="session")
def assume() -> Callable[..., dict[str, Any]]:
    """Return a function that writes an assumption with the words that every one needs."""

    def write(name: str, **keys: Any) -> dict[str, Any]:
        words = {"nb": name, "nn": name, "en": name}
        kind = keys.get("kind", "factor")
        groups = {
            "factor": "need",
            "shift": "practice",
            "age_shift": "need",
            "levelling": "need",
            "population": "population",
        }
        base = {
            "name": name,
            "kind": kind,
            "group": groups.get(kind, "capacity"),
            "label": words,
            "reason": words,
            "unit": "year" if kind == "age_shift" else "1",
            "source": "Test",
            "owner": "Test",
            "quality": "synthetic",
            "profile": {"kind": "linear", "from": 2025, "to": 2040},
        }
        return {**base, **keys}

    return write


@pytest.fixture
def services() -> Iterator[Any]:
    """Serve KLASS, FHI, the quality indicators and Kartverket on this machine."""
    from tests.support.statistics_services import Services

    with Services() as running:
        yield running


@pytest.fixture
def fetcher(tmp_path: Path) -> Iterator[Any]:
    """Fetch with a cache of one's own."""
    from framsyn.sources.fetching import Fetcher

    with Fetcher(tmp_path / "cache") as found:
        yield found
