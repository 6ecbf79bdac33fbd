"""Draw the picture of the README: bed days of the region, as counted and as the scenario ``plan`` has them.

    python tools/draw_readme_picture.py

Writes ``docs/assets/bed-days.svg`` from a run of a thousand draws. The same inputs give the same picture.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

import pandas as pd  # noqa: E402

import framsyn  # noqa: E402
from framsyn.report.charts import About, fan_chart  # noqa: E402

PICTURE = ROOT / "docs" / "assets" / "bed-days.svg"
MOST_BYTES = 60_000
LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
SOMATIC = {"service_area": "SOM"}


def main() -> None:
    """Run the plan and draw it."""
    region = framsyn.Region.load("midt-norge")
    outlook = framsyn.run(region, "plan", draws=1000)
    found = outlook.quantiles("bed_days", LEVELS, by=("year",), where=SOMATIC)
    frame = pd.DataFrame({f"q{level * 100:.0f}": found.sel(quantile=level).values for level in LEVELS})
    frame.insert(0, "year", outlook.years)
    counted = region.table("resident_activity")
    counted = counted[
        (counted["service_area"] == "SOM")
        & (counted["measure"] == "bed_days")
        & counted["source"].str.startswith("ssb")
    ]
    about = About(
        what="Bed days of residents",
        unit="",
        where=region.label["en"],
        source="Statistics Norway; Framsyn",
        lang="en",
    )
    history = counted[["year", "value"]].sort_values("year")
    # A short title: fonts differ between the machines that show the picture.
    title = "Somatic bed days, as counted and as the plan has them"
    chart = fan_chart(frame, about, name="bed-days", history=history, title=title)
    picture = chart.svg(720)
    size = len(picture.encode("utf-8"))
    if size > MOST_BYTES:
        message = f"the picture has {size} bytes; at most {MOST_BYTES} are wanted in the project."
        raise SystemExit(message)
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_text(picture if picture.endswith("\n") else picture + "\n", encoding="utf-8", newline="\n")
    sys.stdout.write(
        f"{PICTURE.relative_to(ROOT)}: {size} bytes, run {outlook.id}\n{chart.title}\n{chart.description}\n"
    )


if __name__ == "__main__":
    main()
