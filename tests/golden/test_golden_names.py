"""Names that others build on: a quantity that is renamed, dropped or changes its unit shows up here."""

from __future__ import annotations

from collections.abc import Callable

from framsyn.quantities import quantities


def test_quantities_keep_their_names_units_and_dimensions(golden: Callable[[str, str], None]) -> None:
    lines = [
        f"{item.name} [{item.unit}] ({', '.join(item.dims)}) {' not '.join([item.aggregation, *item.not_over])}"
        for item in quantities().values()
    ]
    golden("quantities.txt", "\n".join(lines) + "\n")
