"""Need on a desk, added up over the services of a service area.

Need has no chance of its own, so services that the same factors touch are weighed by cost and added up before they are
multiplied; what is weighed is kept beside the sums that it is made of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from framsyn.methods.factors import add_products
from framsyn.outlook.desk_layout import COSTED, Cell, Part
from framsyn.outlook.desk_memory import join_tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from framsyn.outlook.desk_use import Use

__all__ = ["need_of"]

Wanted = tuple[tuple[Cell, ...], Part]  # cells that are alike, and a part of their ages


def need_of(use: Use, services: Sequence[int]) -> np.ndarray:
    """Return the need of services of one service area [MNOK (2025) per year], (trust, year, lane).

    Parameters
    ----------
    use : Use
    services : sequence of int
        By place in the region.
    """
    layout = use.layout
    groups = layout.alike(tuple((i, m, True) for i in services for m in COSTED))
    sums = weighed_sums(use, [(cells, part) for cells in groups for part in layout.parts(cells[0])])
    use.make_factors(cells[0] for cells in groups)
    found = [use.room() for _ in groups]

    def make(place: int) -> None:
        cells = groups[place]
        for k, part in enumerate(layout.parts(cells[0])):
            values = sums[token_of_weighed(use, (cells, part))]
            add_products(values, use.factor(cells[0], part), cells[0][1], k == 0, found[place])

    use.desk.each(make, range(len(groups)))
    use.done()
    total = found[0]
    for values in found[1:]:
        total += values
    if not use.even:
        total *= use.scale(use.desk.service_area[services[0]])
    return total


def token_of_weighed(use: Use, wanted: Wanted) -> bytes:
    """Return the token of some cells' sums at what each costs."""
    cells, part = wanted
    return b"need " + join_tokens(use.sum_token(service, measure, part) for service, measure, _ in cells)


def weighed_sums(use: Use, wanted: Sequence[Wanted]) -> dict[bytes, np.ndarray]:
    """Return sums at what each costs, (segment, trust, year, lane); what they are made of is summed at once."""
    known = {token_of_weighed(use, one): one for one in wanted}
    found = {token: use.desk.sums.get(token) for token in known}
    missing = [token for token, value in found.items() if value is None]
    sums = use.sums(cell for token in missing for cell in known[token][0])

    def make(token: bytes) -> None:
        cells, part = known[token]
        total = None
        for service, measure, _ in cells:
            values = sums[use.sum_token(service, measure, part)] * use.inputs.cost[service, measure]
            total = values if total is None else np.add(total, values, out=total)
        found[token] = total
        use.desk.sums.put(token, total)

    use.desk.each(make, missing)
    return {token: np.asarray(value) for token, value in found.items()}
