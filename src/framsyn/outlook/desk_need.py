"""Need on a desk, added up over the services of a service area.

Need has no chance of its own, so services that the same factors touch are weighed by cost and added up before they are
multiplied; what is weighed is kept beside the sums that it is made of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from framsyn.methods.factors import add_products
from framsyn.outlook.desk_layout import COSTED, Cell
from framsyn.outlook.desk_memory import join_tokens
from framsyn.outlook.desk_sums import added

if TYPE_CHECKING:
    from collections.abc import Sequence

    from framsyn.outlook.desk_use import Use

__all__ = ["need_of"]

Alike = tuple[Cell, ...]  # cells that the same factors touch


def need_of(use: Use, services: Sequence[int]) -> np.ndarray:
    """Return the need of services of one service area [MNOK (2025) per year], (trust, year, lane).

    Parameters
    ----------
    use : Use
    services : sequence of int
        By place in the region.
    """
    groups = use.layout.alike(tuple((i, m, True) for i in services for m in COSTED))
    tokens = [b"group " + use.token_of_cells(group) for group in groups]
    found = [use.desk.memory.get(token) for token in tokens]
    missing = [place for place, own in enumerate(found) if own is None]
    sums = weighed_sums(use, [groups[place] for place in missing])
    use.make_factors(groups[place][0] for place in missing)

    def make(place: int) -> None:
        cells = groups[place]
        found[place] = out = use.room()
        add_products(sums[token_of_weighed(use, cells)], use.factor(cells[0]), cells[0][1], True, out)
        use.desk.memory.put(tokens[place], out)

    use.desk.each(make, missing)
    use.done()
    total = added(found)
    if not use.even:
        total *= use.scale(use.desk.service_area[services[0]])
    return total


def token_of_weighed(use: Use, cells: Alike) -> bytes:
    """Return the token of some cells' sums at what each costs: of the sums, and of how they are added up in bands."""
    sums = [
        use.sums.token((service, m, False), m) + use.layout.bands((service, m, True)).key
        for service, m, _ in cells
    ]
    return b"need " + join_tokens(sums)


def weighed_sums(use: Use, wanted: Sequence[Alike]) -> dict[bytes, np.ndarray]:
    """Return sums at what each costs, (band, trust, year, lane), from the sums of the services' activity."""
    known = {token_of_weighed(use, cells): cells for cells in wanted}
    found = {token: use.desk.sums.get(token) for token in known}
    missing = [token for token, value in found.items() if value is None]
    sums = use.sums.of((service, m, False) for token in missing for service, m, _ in known[token])

    def make(token: bytes) -> None:
        total = None
        for service, m, _ in known[token]:
            values = sums[use.sums.token((service, m, False), m)] * use.inputs.cost[service, m]
            own, wider = (use.layout.bands((service, m, need)).place.tolist() for need in (False, True))
            if total is None:
                total = np.zeros((max(wider) + 1, *values.shape[1:]))
            for band, into in sorted(set(zip(own, wider, strict=True))):
                total[into] += values[band]
        found[token] = total
        use.desk.sums.put(token, total)

    use.desk.each(make, missing)
    return {token: np.asarray(value) for token, value in found.items()}
