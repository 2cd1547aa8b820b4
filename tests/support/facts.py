"""Facts from the venues' documents, one row per venue, written from the research notes and not from the cards.

A new venue is a card and a row here.
"""

from typing import Any

from msgspec import Struct


class Facts(Struct, frozen=True, kw_only=True):
    """The facts that a card must match."""

    mechanism: str = "queue"
    formula: str | None = None
    confidence: str | None
    meter: tuple[int, ...] | str | None = None  # levels from first to last fifth, "fraction", or None
    field: str | None = None
    none: tuple[int, ...] = ()
    also_lowest: tuple[int, ...] = ()
    direction: str | None = None
    weighting: str = "unknown"
    price: str = "unknown"
    fee: str = "unknown"
    cancels_orders: bool | None = None
    partial: bool | None = None
    basis: str = "mark"
    contracts: tuple[str, ...] = ("linear", "inverse")
    interval_hours: float | None = None
    examples: tuple["Example", ...] = ()


class Example(Struct, frozen=True, kw_only=True):
    """A number from the venue's own document, or computed from its documented formula."""

    source: str
    position: dict[str, Any]
    expected: dict[str, float]


FIVE_DOWN = (5, 4, 3, 2, 1)
FOUR_DOWN = (4, 3, 2, 1, 0)

# BitMEX's rule is shared by others, so its examples hold for them as well.
BITMEX_FAMILY = (
    Example(
        source="BitMEX support 18589621443357: linear long, entry 100, mark 110, bankruptcy 90",
        position={"side": "long", "size": 1, "entry_price": 100, "mark_price": 110, "margin": 10},
        expected={"effective_leverage": 5.5, "priority": 0.55, "bankruptcy_price": 90},
    ),
    Example(
        source="BitMEX support 18589621443357: inverse long, entry 60,000, mark 62,000, bankruptcy 54,545.45",
        position={
            "side": "long",
            "size": 1,
            "entry_price": 60000,
            "mark_price": 62000,
            "leverage": 10,
            "contract": "inverse",
        },
        expected={"effective_leverage": 7.3170681, "priority": 0.23603445, "return_on_entry": 0.03225806},
    ),
)

FACTS: dict[str, Facts] = {
    "generic": Facts(
        formula="pnl_leverage", confidence="approximation", meter="fraction", field="adl_meter", direction="documented"
    ),
    "binance": Facts(
        contracts=("linear",),
        formula="profit_times_margin_ratio",
        confidence="documented",
        meter=FOUR_DOWN,
        field="adlQuantile",
        direction="documented",
        weighting="accounts",
        price="bankruptcy",
        fee="none",
        cancels_orders=True,
        interval_hours=8.0,
        examples=(
            Example(
                source="formula of 360033525471: u/max(1, WB) · MM/(WB + u) for the short of the worked example",
                position={
                    "side": "short",
                    "size": 10,
                    "entry_price": 2000,
                    "mark_price": 1800,
                    "margin": 1000,
                    "maintenance_margin_rate": 0.01,
                },
                expected={"priority": 2000 / 1000 * 180 / 3000, "liquidation_price": 2079.2079},
            ),
        ),
    ),
    "binance_coinm": Facts(
        contracts=("inverse",),
        formula="profit_times_margin_ratio",
        confidence="documented",
        meter=FOUR_DOWN,
        field="adlQuantile",
        direction="documented",
        weighting="accounts",
        price="bankruptcy",
        fee="none",
        cancels_orders=True,
        examples=(
            Example(
                source="liquidation price of the API page: q·M·(1 + MMR)/(WB + q·M/EP), contract size 100 USD",
                position={
                    "side": "long",
                    "size": 10,
                    "contract_size": 100,
                    "entry_price": 8000,
                    "mark_price": 8000,
                    "margin": 0.01,
                    "maintenance_margin_rate": 0.01,
                    "contract": "inverse",
                },
                expected={"liquidation_price": 1000 * 1.01 / (0.01 + 1000 / 8000)},
            ),
        ),
    ),
    "okx": Facts(
        formula="pnl_over_margin_ratio",
        confidence="secondary",
        meter=FIVE_DOWN,
        field="adl",
        also_lowest=(0,),
        direction="documented",
        price="mark",
    ),
    "bybit": Facts(
        formula="pnl_leverage",
        confidence="approximation",
        meter=FIVE_DOWN,
        field="adlRankIndicator",
        none=(0,),
        direction="inferred",
        price="bankruptcy",
        cancels_orders=True,
        basis="mark",
        examples=(
            Example(
                source="help 900000031623: entry·leverage/(leverage + 1), shown as 7,735.5",
                position={
                    "side": "long",
                    "size": 5000,
                    "entry_price": 7890.08,
                    "mark_price": 7890.08,
                    "leverage": 50,
                    "contract": "inverse",
                },
                expected={"bankruptcy_price": 7735.372549},
            ),
            Example(
                source="help centre, isolated margin, unified account, on entry value: quantity/(value − (IM − MM))",
                position={
                    "side": "short",
                    "size": 60000,
                    "entry_price": 50000,
                    "mark_price": 50000,
                    "leverage": 10,
                    "contract": "inverse",
                    "maintenance_margin_rate": 0.005,
                    "maintenance_basis": "entry",
                },
                expected={"liquidation_price": 55248.6188, "entry_notional": 1.2, "margin": 0.12},
            ),
            Example(
                source="the same on mark value, since 2025-09-02: 0.995 / (1/50,000 − 0.12/60,000)",
                position={
                    "side": "short",
                    "size": 60000,
                    "entry_price": 50000,
                    "mark_price": 50000,
                    "leverage": 10,
                    "contract": "inverse",
                    "maintenance_margin_rate": 0.005,
                },
                expected={"liquidation_price": 55277.7778},
            ),
        ),
    ),
    "bitmex": Facts(
        formula="pnl_leverage",
        confidence="documented",
        meter="fraction",
        field="deleveragePercentile",
        direction="inferred",
        weighting="quantity",
        price="bankruptcy",
        cancels_orders=True,
        partial=True,
        interval_hours=8.0,
        examples=BITMEX_FAMILY,
    ),
    "mexc": Facts(
        formula="pnl_leverage",
        confidence="documented",
        meter=FIVE_DOWN,
        field="adlLevel",
        none=(0,),
        direction="inferred",
        price="bankruptcy",
        examples=BITMEX_FAMILY,
    ),
    "bitget": Facts(
        formula="pnl_over_margin_ratio",
        confidence="documented",
        meter="fraction",
        field="rank",
        direction="documented",
        price="bankruptcy",
        fee="none",
    ),
    "gate": Facts(
        formula="pnl_leverage",
        confidence="approximation",
        meter=(1, 2, 3, 4, 5),
        field="adl_ranking",
        none=(6,),
        direction="documented",
        price="bankruptcy",
        cancels_orders=True,
        partial=True,
    ),
    "kucoin": Facts(
        formula="pnl_leverage",
        confidence="documented",
        meter="fraction",
        field="delevPercentage",
        direction="inferred",
        price="bankruptcy",
        examples=(
            Example(
                source="support 35084312224281: long from 200 at 220",
                position={
                    "side": "long",
                    "size": 5,
                    "contract_size": 0.1,
                    "entry_price": 200,
                    "mark_price": 220,
                    "margin": 50,
                },
                expected={"return_on_entry": 0.1, "priority": 0.1 * 110 / 60},
            ),
            Example(
                source="support 35084312224281: short from 220 at 200, 9.09 %",
                position={
                    "side": "short",
                    "size": 5,
                    "contract_size": 0.1,
                    "entry_price": 220,
                    "mark_price": 200,
                    "margin": 50,
                },
                expected={"return_on_entry": 0.0909090},
            ),
        ),
    ),
    "htx": Facts(
        formula="pnl_over_margin_ratio",
        confidence="inferred",
        meter=FIVE_DOWN,
        field="adl_risk_percent",
        direction="inferred",
    ),
    "kraken": Facts(
        mechanism="unknown",
        confidence=None,
        examples=(
            Example(
                source="support 360022835671: 1,000 contracts from 8,000, 0.01 BTC: 7,481 and 7,407",
                position={
                    "side": "long",
                    "size": 1000,
                    "entry_price": 8000,
                    "mark_price": 8000,
                    "margin": 0.01,
                    "maintenance_margin_rate": 0.01,
                    "contract": "inverse",
                },
                expected={"liquidation_price": 7481.4815, "bankruptcy_price": 7407.4074},
            ),
        ),
    ),
    "deribit": Facts(mechanism="socialised", confidence="documented"),
    "bingx": Facts(formula="pnl_leverage", confidence="approximation", price="bankruptcy", fee="maker"),
    "phemex": Facts(
        formula="pnl_leverage",
        confidence="approximation",
        meter="fraction",
        field="deleveragePercentileRr",
        direction="inferred",
        price="bankruptcy",
    ),
    "hyperliquid": Facts(
        contracts=("linear",),
        formula="price_ratio_leverage",
        confidence="documented",
        price="mark",
        interval_hours=1.0,
        examples=(
            Example(
                source="documentation: mark/entry · notional/account value = 110/100 · 1100/210",
                position={"side": "long", "size": 10, "entry_price": 100, "mark_price": 110, "margin": 110},
                expected={"priority": 5.761905, "notional": 1100, "equity": 210},
            ),
        ),
    ),
    "dydx": Facts(
        contracts=("linear",),
        mechanism="random",
        confidence="documented",
        price="bankruptcy",
        fee="none",
        cancels_orders=False,
        partial=True,
    ),
    "drift": Facts(contracts=("linear",), mechanism="socialised", confidence="documented"),
    "gmx": Facts(contracts=("linear",), mechanism="keeper", confidence="documented", price="mark", partial=True),
    "paradex": Facts(contracts=("linear",), mechanism="socialised", confidence="documented"),
    "aster": Facts(
        contracts=("linear",),
        formula="profit_times_margin_ratio",
        confidence="documented",
        meter=FOUR_DOWN,
        field="adlQuantile",
        direction="documented",
        weighting="accounts",
        partial=True,
    ),
    "lighter": Facts(contracts=("linear",), mechanism="unknown", confidence=None),
    "coinbase": Facts(mechanism="unknown", confidence=None),
    "cryptocom": Facts(contracts=("linear",), mechanism="socialised", confidence="documented"),
    "coinex": Facts(
        formula="value_ratio_leverage",
        confidence="documented",
        price="bankruptcy",
        cancels_orders=True,
        examples=(
            Example(
                source="support 360018671293: mark/open value times open value/margin, long from 100 at 110, margin 10",
                position={"side": "long", "size": 1, "entry_price": 100, "mark_price": 110, "margin": 10},
                expected={"priority": 1.1 * 10},
            ),
        ),
    ),
    "xxkk": Facts(formula="pnl_leverage", confidence="approximation"),
}
