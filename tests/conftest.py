"""What all tests share: how hard hypothesis looks, and the folders of the project."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

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
