"""All charts by their public names: pure functions from tidy frames to a :class:`~framsyn.report.figure.Chart`.

| chart | question it answers |
|---|---|
| :func:`fan_chart` | where is a quantity going, and how sure is that? |
| :func:`small_multiples` | the same, place by place |
| :func:`scenario_lines` | how do up to six scenarios differ? |
| :func:`waterfall` | why does it change? |
| :func:`ranking` | what drives the uncertainty? |
| :func:`grouped_bars` | which professions lack how many, and when? |
| :func:`population_pyramid` | how does the age structure change? |
| :func:`calibration` | how well was the past foreseen? |

Frames come with values in their stored unit (shares as 0–1, money in MNOK); :class:`About` says how to write them.
"""

from framsyn.report.bar_charts import grouped_bars, ranking
from framsyn.report.figure import About, Chart, figure_css
from framsyn.report.people_charts import calibration, population_pyramid
from framsyn.report.time_charts import (
    Beside,
    Break,
    Target,
    fan_chart,
    fan_of,
    scenario_lines,
    small_multiples,
)
from framsyn.report.waterfall import waterfall

__all__ = [
    "About",
    "Beside",
    "Break",
    "Chart",
    "Target",
    "calibration",
    "fan_chart",
    "fan_of",
    "figure_css",
    "grouped_bars",
    "population_pyramid",
    "ranking",
    "scenario_lines",
    "small_multiples",
    "waterfall",
]
