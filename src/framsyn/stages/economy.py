"""Economy: the long-term financial plan (ØLP) of the whole authority, year by year, in MNOK at 2025 prices.

Income = block grant + activity-based funding + other; cost = pay + drugs + goods + outsourced care + buildings; then
depreciation, investment, loans, interest and instalments, liquidity. Open sources give no accounts by trust, so the plan is
the region's. Sustainability means that the operating gain covers interest and instalments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import xarray as xr

from framsyn.errors import PlanError
from framsyn.region import arrays
from framsyn.stages.cells import MEASURES, SERVICE_AREAS
from framsyn.stages.parameters import Parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from framsyn.region import Region
    from framsyn.scenario import Scenario
    from framsyn.stages.draws import Draws

__all__ = [
    "CapitalPlan",
    "PricePaths",
    "activity_funding",
    "capital_plan",
    "opening_accounts",
    "price_chain",
    "price_index",
    "price_paths",
    "project_economy",
]

PRICE_YEAR = 2025


def activity_funding(treated: Mapping[str, np.ndarray], p: Parameters, as_today: bool = False) -> np.ndarray:
    """Activity-based funding of care at the trusts, [MNOK (2025) per year] (draw, year).

    ``treated`` holds each measure at the trusts of the authority, (draw, year, service_area).

    ``Σ activity × points × unit price × share``; in mental health and substance use a contact counts as one point of a price
    of its own. Prices of 2024 are carried to 2025 by the price index. ``as_today`` leaves the scenario's share out.
    """
    total: Any = 0.0
    index = price_index(p, 2024, PRICE_YEAR)
    for measure, level in (
        ("stays", "inpatient"),
        ("day_treatments", "day"),
        ("outpatient_contacts", "outpatient"),
    ):
        counts = treated[measure]
        for i, area in enumerate(SERVICE_AREAS):
            points = p.constant("drg_points", service_area=area, level=level)
            if points:
                price = p.constant("isf_price", service_area=area) * index / 1e6
                share = (p.constant if as_today else p.value)("isf_share", service_area=area)
                total = total + counts[:, :, i] * points * price * share
    return total


def price_index(p: Parameters, before: int, after: int) -> float:
    """Wage and price growth of health trusts between two years, from the region's table of income."""
    return arrays.income(p.region, "price_index", "national", after) / arrays.income(
        p.region, "price_index", "national", before
    )


def opening_accounts(by_activity: float, pay: float, p: Parameters) -> dict[str, float]:
    """Accounts of the base year, [MNOK (2025)].

    The published frame is read as all state income, activity-based funding included, and repriced. Costs beside pay are
    shares of income; what is left when the base year's result is met is buildings and other operation.
    """
    frame = arrays.income(p.region, "frame", "region", 2020) * price_index(p, 2020, PRICE_YEAR)
    other = frame * p.constant("other_income_share") / (1 - p.constant("other_income_share"))
    income = frame + other
    accounts = {
        "block_grant": frame - by_activity,
        "other": other,
        "drugs": income * p.constant("drug_cost_share"),
        "goods": income * p.constant("goods_share"),
        "outsourced": income * p.constant("outsourced_share"),
        "depreciation": income * p.constant("depreciation_share"),
    }
    interest = p.constant("debt_start") * p.constant("loan_rate")
    result = income * p.constant("result_share")
    spent = pay + accounts["drugs"] + accounts["goods"] + accounts["outsourced"]
    accounts["buildings"] = income - accounts["depreciation"] - interest - result - spent
    if accounts["buildings"] < 0:
        message = (
            f"the base-year accounts do not close: income {income:.0f} MNOK is less than pay {pay:.0f}, goods, drugs and "
            "outsourced care. Check pay_per_fte, the cost shares and the frame in the region's tables."
        )
        raise PlanError("accounts-do-not-close", message, income=income, pay=pay)
    return accounts


def growth_index(treated: Mapping[str, np.ndarray], p: Parameters) -> np.ndarray:
    """Cost-weighted growth of activity at the trusts since the base year, (draw, year)."""
    total: Any = 0.0
    for measure, level in (
        ("bed_days", "inpatient"),
        ("day_treatments", "day"),
        ("outpatient_contacts", "outpatient"),
    ):
        weight = np.array([p.constant("unit_cost", service_area=area, level=level) for area in SERVICE_AREAS])
        total = total + np.einsum("dya,a->dy", treated[measure], weight)
    return np.asarray(total / total[:, :1])


def compound(growth: np.ndarray) -> np.ndarray:
    """Index from yearly growth, one in the first year, (draw, year).

    >>> compound(np.array([[0.5, 0.1, 0.1]])).round(2)
    array([[1.  , 1.1 , 1.21]])
    """
    steps = 1 + growth
    steps[:, 0] = 1.0
    return np.cumprod(steps, axis=1)


def project_economy(
    activity: xr.Dataset,
    need: xr.DataArray,
    capacity: xr.Dataset,
    workforce: xr.Dataset,
    region: Region,
    scenario: Scenario,
    draws: Draws,
) -> xr.Dataset:
    """Price the chain: income, cost, investment, loans and liquidity of the authority.

    The block grant grows with the region's need as far as the state pays for need (``need_share_of_growth``) and with a
    yearly real growth that is uncertain. Cost other than pay moves with activity at the marginal cost share.

    Parameters
    ----------
    activity, capacity, workforce : Dataset
        Results of the stages before.
    need : DataArray [MNOK (2025)], (draw, year, service, level, trust)
    region : Region
    scenario : Scenario
    draws : Draws

    Returns
    -------
    Dataset
        Quantities of the stage ``economy`` (draw, year).
    """
    years = activity["year"].values
    order = ("draw", "year", "service_area", "trust")
    p = Parameters(region, scenario, draws, years)
    values = price_chain(
        treated={name: activity[f"treated_{name}"].transpose(*order).values.sum(axis=3) for name in MEASURES},
        need=need.transpose("draw", "year", ...).values.sum(axis=(2, 3, 4)),
        demand=workforce["staff_demand"].transpose("draw", "year", "profession", "trust").values.sum(axis=3),
        space=capacity["floor_area"].transpose("draw", "year", "trust").values.sum(axis=2),
        prices=price_paths(p),
        capital=capital_plan(capacity["equipment_renewal"].transpose("draw", "year").values, p),
        p=p,
    )
    return xr.Dataset(
        {name: (("draw", "year"), value) for name, value in values.items()},
        coords={"draw": draws.index, "year": years},
    )


def price_chain(
    treated: Mapping[str, np.ndarray],
    need: np.ndarray,
    demand: np.ndarray,
    space: np.ndarray,
    prices: PricePaths,
    capital: CapitalPlan,
    p: Parameters,
) -> dict[str, np.ndarray]:
    """Price what the whole authority does, needs and owns.

    Parameters
    ----------
    treated : mapping of str to array [activity per year], (draw, year, service_area)
        Each measure at the trusts.
    need : array [MNOK (2025) per year], (draw, year)
    demand : array [FTE], (draw, year, profession)
    space : array [m²], (draw, year)
    prices : PricePaths
    capital : CapitalPlan
    p : Parameters

    Returns
    -------
    dict of str to array, (draw, year)
        Quantities of the stage ``economy``.
    """
    region = p.region
    by_activity = activity_funding(treated, p)
    cost_staff = (demand * prices.pay).sum(axis=-1)
    # The opening accounts are the region's own: the same in every draw, also when an assumption is in force from the start.
    pay_today = [p.constant("pay_per_fte", profession=name) for name in arrays.professions(region)]
    today = {name: values[:1, :1] for name, values in treated.items()}
    funded_today = activity_funding(today, p, as_today=True)
    opening = opening_accounts(float(funded_today[0, 0]), float(demand[0, 0] @ pay_today), p)

    need_index = need / need[:, :1]
    grant = opening["block_grant"] * (1 + p.value("need_share_of_growth") * (need_index - 1)) * prices.grant
    other = np.full_like(grant, opening["other"])

    follow = 1 + p.value("marginal_cost") * (growth_index(treated, p) - 1)
    drugs = opening["drugs"] * follow * prices.drugs
    goods = opening["goods"] * follow * prices.goods
    outsourced = opening["outsourced"] * follow
    buildings = opening["buildings"] * (1 + p.constant("building_cost_variable") * (space / space[:, :1] - 1))
    realised = p.value("efficiency_gain") * cost_staff[:, :1]

    gain = grant + by_activity + other - (cost_staff + drugs + goods + outsourced + buildings) + realised
    investment, own_share, loans = capital
    # What is invested beyond depreciation is written off over its life; what falls short lets depreciation sink.
    growth = np.cumsum((investment - opening["depreciation"]) / p.constant("depreciation_life"), axis=1)
    depreciation = np.maximum(opening["depreciation"] + growth - growth[:, :1], 0.0)
    cash = p.constant("liquidity_start") + np.cumsum(
        gain - loans["interest"] - loans["instalments"] - investment * own_share, axis=1
    )
    floor = p.constant("liquidity_floor")
    return {
        "income_block_grant": grant,
        "income_activity": by_activity,
        "income_other": other,
        "cost_staff": cost_staff,
        "cost_drugs": drugs,
        "cost_goods": goods,
        "cost_outsourced": outsourced,
        "cost_buildings": buildings,
        "depreciation": depreciation,
        "investment": investment,
        **loans,
        "liquidity": cash,
        "operating_gain": gain,
        "result": gain - depreciation - loans["interest"],
        "liquidity_breach": (cash < floor).astype(float),
        "gain_required": loans["interest"] + loans["instalments"] - gain,
    }


class PricePaths(NamedTuple):
    """How prices and the block grant grow, whatever the activity.

    Attributes
    ----------
    pay : array [MNOK (2025) per FTE], (draw, year, profession)
    grant, drugs, goods : array [1], (draw, year)
        Real growth since the base year.
    """

    pay: np.ndarray
    grant: np.ndarray
    drugs: np.ndarray
    goods: np.ndarray


def price_paths(p: Parameters) -> PricePaths:
    """Let prices and the block grant grow."""
    wage = compound(p.value("wage_real_growth"))[..., None]
    shocks = p.draws.normals("block grant", (len(p.years),)) * p.constant("income_growth_sd")
    return PricePaths(
        pay=p.by_profession("pay_per_fte", arrays.professions(p.region)) * wage,
        grant=compound(p.value("income_growth_real") + shocks),
        drugs=compound(p.value("drug_cost_growth")),
        goods=compound(p.value("goods_cost_growth")),
    )


class CapitalPlan(NamedTuple):
    """Investment and the loans behind it, whatever the activity.

    Attributes
    ----------
    investment : array [MNOK (2025) per year], (draw, year)
    own_share : float [1]
        Share of investment that is not borrowed.
    loans : dict of str to array, (draw, year)
        From :func:`loan_book`.
    """

    investment: np.ndarray
    own_share: float
    loans: dict[str, np.ndarray]


def capital_plan(renewal: np.ndarray, p: Parameters) -> CapitalPlan:
    """Invest, with the renewal of equipment [MNOK (2025) per year] (draw, year), and borrow for it."""
    investment = p.value("investment_base") + renewal
    own_share = 1 - p.constant("loan_share")
    return CapitalPlan(investment, own_share, loan_book(investment * (1 - own_share), p))


def loan_book(borrowed: np.ndarray, p: Parameters) -> dict[str, np.ndarray]:
    """Interest, instalments and debt of old and new loans, serial over their life, [MNOK (2025)] (draw, year).

    A new loan pays its first instalment the year after it is drawn.
    """
    life = p.constant("loan_years")
    rate = p.value("loan_rate")
    start = p.constant("debt_start")
    debt, interest, instalments = (np.empty_like(borrowed) for _ in range(3))
    left = np.full(len(borrowed), start)
    yearly = np.full(len(borrowed), start / life)
    for t in range(borrowed.shape[1]):
        interest[:, t] = left * rate[:, t]
        instalments[:, t] = np.minimum(yearly, left)
        left = left - instalments[:, t] + borrowed[:, t]
        yearly = yearly + borrowed[:, t] / life
        debt[:, t] = left
    return {"interest": interest, "instalments": instalments, "debt": debt}
