"""The plan's summary for the region: a number that moves shows up here, to six digits.

``python tests/golden/refresh.py`` (or ``make golden``) writes it anew; the changelog says what moved and why.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd

FILE = Path(__file__).with_name("summary_plan.csv")
NUMBERS = ["central", "p10", "p50", "p90", "change"]


def six_digits(value: float) -> float:
    return float(f"{value:.6g}")


def test_summary_of_the_plan_is_the_one_written_down(plan_run):
    keys = ["quantity", "part", "unit", "year"]
    found = plan_run.summary("region")[[*keys, *NUMBERS]].reset_index(drop=True)
    found[NUMBERS] = found[NUMBERS].map(six_digits)
    if os.environ.get("FRAMSYN_GOLDEN") == "write":
        found.to_csv(FILE, index=False, lineterminator="\n")
    assert FILE.is_file(), f"{FILE.name} is missing; write it with `make golden`"
    kept = pd.read_csv(FILE, keep_default_na=False, na_values={name: [""] for name in NUMBERS})
    pd.testing.assert_frame_equal(found[keys], kept[keys], check_dtype=False)
    scale = np.maximum(kept[["p90"]].abs().to_numpy(), 1e-9)
    for name in NUMBERS:
        ours, theirs = found[name].to_numpy(float), kept[name].to_numpy(float)
        # Another processor family may round the last digit otherwise; a change of 0.00001 of the size is a change.
        near = np.isclose(ours, theirs, rtol=1e-5, atol=1e-5 if name == "change" else 0, equal_nan=True) | (
            np.abs(ours - theirs) <= 1e-8 * scale[:, 0]
        )
        moved = found.loc[~near, keys].assign(now=ours[~near], written=theirs[~near])
        assert moved.empty, f"{name} moved; if meant, `make golden` and say why\n{moved.to_string()}"
