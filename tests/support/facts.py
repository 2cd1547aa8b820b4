"""Facts from the venues' documents, one row per venue, written from the research notes and not from the cards.

A new venue is a card and a row here; the marks of its fills are in ``fill_facts.py``.
"""

from typing import Any

from msgspec import Struct


class Facts(Struct, frozen=True, kw_only=True):
    """The facts that a card must match."""

    ccxt: tuple[str, ...]  # ids in ccxt 4.5.90, in any order; empty if it has none
    mechanism: str = "queue"
    formula: str | None = None  # of a queue: None if the expression is none of ours, or not known
    confidence: str | None
    alternatives: tuple[tuple[str, str], ...] = ()  # formula and confidence
    meter: tuple[int, ...] | str | None = None  # levels from first to last fifth, "fraction", or None
    shares: tuple[float, ...] | None = None  # ends of the levels where they are no fifths, from the front
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
    drawdown: float | None = None
    settlement_hours: float | None = None
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
        ccxt=(),
        formula="pnl_leverage",
        confidence="approximation",
        meter="fraction",
        field="adl_meter",
        direction="documented",
    ),
    "binance": Facts(
        ccxt=("binanceusdm",),
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
        settlement_hours=1.0,  # said in the notices of delisted USDⓈ-M contracts
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
        ccxt=("binancecoinm",),
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
        ccxt=("okx",),
        formula="pnl_leverage",
        confidence="documented",
        meter=FIVE_DOWN,
        field="adl",
        also_lowest=(0,),
        direction="documented",
        price="mark",
        examples=(
            Example(
                source="OKX help, page of 2025-11-05: PnL % times effective leverage, long from 100 at 110, equity 20",
                position={"side": "long", "size": 1, "entry_price": 100, "mark_price": 110, "margin": 10},
                expected={"priority": 0.1 * 110 / 20},
            ),
        ),
    ),
    "bybit": Facts(
        ccxt=("bybit",),
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
        ccxt=(),
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
        ccxt=("mexc",),
        formula="pnl_leverage",
        confidence="documented",
        meter=FIVE_DOWN,
        field="adlLevel",
        none=(0,),
        direction="inferred",
        price="bankruptcy",
        basis="entry",
        examples=(
            *BITMEX_FAMILY,
            Example(
                source="MEXC blog, liquidation in futures: long 0.1 BTC from 50,000 at 25x, margin 200, maintenance 20 "
                "(0.4 % of the entry value): (20 − 200 + 5,000)/0.1 = 48,200",
                position={
                    "side": "long",
                    "size": 0.1,
                    "entry_price": 50000,
                    "mark_price": 49000,
                    "leverage": 25,
                    "maintenance_margin_rate": 0.004,
                },
                expected={"margin": 200, "liquidation_price": 48200},
            ),
        ),
    ),
    "bitget": Facts(
        ccxt=("bitget",),
        formula="pnl_over_margin_ratio",
        confidence="documented",
        meter="fraction",
        field="rank",
        direction="documented",
        price="bankruptcy",
        fee="none",
    ),
    "gate": Facts(
        ccxt=("gate",),
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
        ccxt=("kucoinfutures",),
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
            Example(
                source="support 35084312224281: inverse short from 62,000 at 60,000, computed: 3.33 %",
                position={
                    "side": "short",
                    "size": 10,
                    "entry_price": 62000,
                    "mark_price": 60000,
                    "margin": 0.0001,
                    "contract": "inverse",
                },
                expected={"return_on_entry": 2000 / 60000},
            ),
            Example(
                source="announcement of 2025-05-20, maintenance on mark value: short 5 times 0.001 BTC from 28,000 at "
                "100x, rate 0.4 %: (140 + 1.4)/(0.005 · 1.004)",
                position={
                    "side": "short",
                    "size": 5,
                    "contract_size": 0.001,
                    "entry_price": 28000,
                    "mark_price": 28100,
                    "leverage": 100,
                    "maintenance_margin_rate": 0.004,
                },
                expected={"margin": 1.4, "liquidation_price": 141.4 / 0.00502},
            ),
        ),
    ),
    "htx": Facts(
        ccxt=("htx",),
        formula="pnl_over_margin_ratio",
        confidence="inferred",
        meter=FIVE_DOWN,
        field="adl_risk_percent",
        direction="inferred",
    ),
    "kraken": Facts(
        ccxt=("krakenfutures",),
        confidence="documented",  # that there is an unwind queue; its expression is not published
        meter=(100, 80, 60, 40, 20),
        field="percentile",
        direction="inferred",
        interval_hours=1.0,
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
    "deribit": Facts(
        ccxt=("deribit",),
        contracts=("linear",),
        confidence="documented",  # that linear perpetuals have an ADL; the order of the holders is not said
        price="mark",
        partial=True,
    ),
    "deribit_inverse": Facts(
        ccxt=("deribit",), contracts=("inverse",), mechanism="socialised", confidence="documented"
    ),
    "bingx": Facts(
        ccxt=("bingx",), formula="pnl_leverage", confidence="approximation", price="bankruptcy", fee="maker"
    ),
    "phemex": Facts(
        ccxt=("phemex",),
        formula="pnl_leverage",
        confidence="approximation",
        meter="fraction",
        field="deleveragePercentileRr",
        direction="inferred",
        price="bankruptcy",
    ),
    "hyperliquid": Facts(
        ccxt=("hyperliquid",),
        contracts=("linear",),
        formula="price_ratio_leverage",
        confidence="disputed",
        alternatives=(("pnl_leverage", "secondary"),),  # the rule of the rebuilt node
        price="mark",
        fee="none",
        partial=True,
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
        ccxt=("dydx",),
        contracts=("linear",),
        mechanism="random",
        confidence="documented",
        price="bankruptcy",
        fee="none",
        cancels_orders=False,
        partial=True,
        interval_hours=1.0,
    ),
    "drift": Facts(ccxt=(), contracts=("linear",), mechanism="socialised", confidence="documented"),
    "gmx": Facts(
        ccxt=(), contracts=("linear",), mechanism="keeper", confidence="documented", price="mark", partial=True
    ),
    "paradex": Facts(ccxt=("paradex",), contracts=("linear",), mechanism="socialised", confidence="documented"),
    "aster": Facts(
        ccxt=("aster",),
        contracts=("linear",),
        formula="profit_times_margin_ratio",
        confidence="documented",
        meter=FOUR_DOWN,
        field="adlQuantile",
        direction="documented",
        weighting="accounts",
        partial=True,
    ),
    "lighter": Facts(
        ccxt=("lighter",),
        contracts=("linear",),
        formula="pnl_leverage",
        confidence="approximation",
        price="bankruptcy",
        fee="none",
        cancels_orders=False,
        partial=True,
        interval_hours=1.0,
        examples=(
            Example(
                source="zero price of the prover's code, mark·(1 − rate·value/maintenance), of a position that stands "
                "alone: 95·(1 − 0.02·5/1.9)",
                position={
                    "side": "long",
                    "size": 1,
                    "entry_price": 100,
                    "mark_price": 95,
                    "margin": 10,
                    "maintenance_margin_rate": 0.02,
                },
                expected={"bankruptcy_price": 90},
            ),
        ),
    ),
    "coinbase": Facts(ccxt=("coinbaseinternational",), mechanism="none", confidence="documented"),
    "cryptocom": Facts(ccxt=("cryptocom",), contracts=("linear",), mechanism="socialised", confidence="documented"),
    "coinex": Facts(
        ccxt=(),
        formula="value_ratio_leverage",
        confidence="documented",
        cancels_orders=True,
        examples=(
            Example(
                source="support 360018671293: mark/open value times open value/margin, long from 100 at 110, margin 10",
                position={"side": "long", "size": 1, "entry_price": 100, "mark_price": 110, "margin": 10},
                expected={"priority": 1.1 * 10},
            ),
        ),
    ),
    "xxkk": Facts(ccxt=(), formula="pnl_leverage", confidence="approximation"),
    "extended": Facts(
        ccxt=("extended",),
        contracts=("linear",),
        formula="pnl_over_margin_ratio",
        confidence="documented",
        price="bankruptcy",
        fee="none",
        cancels_orders=True,
        examples=(
            Example(
                source="documentation, liquidation logic: PnL % times mark value · rate / max(equity, 1), long from "
                "100 at 110 with equity 20",
                position={
                    "side": "long",
                    "size": 1,
                    "entry_price": 100,
                    "mark_price": 110,
                    "margin": 10,
                    "maintenance_margin_rate": 0.01,
                },
                expected={"priority": 0.1 * (110 * 0.01 / 20)},
            ),
            Example(
                source="the same page, a loss: PnL % divided by the ratio, long from 100 at 95 with equity 5",
                position={
                    "side": "long",
                    "size": 1,
                    "entry_price": 100,
                    "mark_price": 95,
                    "margin": 10,
                    "maintenance_margin_rate": 0.01,
                },
                expected={"priority": -0.05 / (95 * 0.01 / 5)},
            ),
        ),
    ),
    "grvt": Facts(
        ccxt=("grvt",),
        contracts=("linear",),
        formula="pnl_over_margin_ratio",
        confidence="documented",
        price="mark",
        fee="none",
        examples=(
            Example(
                source="help 9637899: (entry − mark)/entry/(MB/MM), short from 100 at 80, MB 30, MM 0.8",
                position={
                    "side": "short",
                    "size": 1,
                    "entry_price": 100,
                    "mark_price": 80,
                    "margin": 10,
                    "maintenance_margin_rate": 0.01,
                },
                expected={"priority": 0.2 / (30 / 0.8)},
            ),
            Example(
                source="help 9637899: (mark − entry)/entry·(MB/MM), long from 100 at 95, MB 5, MM 0.95",
                position={
                    "side": "long",
                    "size": 1,
                    "entry_price": 100,
                    "mark_price": 95,
                    "margin": 10,
                    "maintenance_margin_rate": 0.01,
                },
                expected={"priority": -0.05 * (5 / 0.95)},
            ),
        ),
    ),
    # Its page (whitebit-exchange/docs, concepts/auto-deleveraging): profit on the position's value times effective
    # leverage; winners only; grades 0-4 begin at 0, 50, 73, 87 and 95 % of the list, from its end.
    "whitebit": Facts(
        ccxt=("whitebit",),
        contracts=("linear",),
        formula="pnl_over_equity",
        confidence="documented",
        meter=FOUR_DOWN,
        shares=(0.05, 0.13, 0.27, 0.5, 1.0),
        field="adl-quantile",
        direction="documented",
        weighting="accounts",
        price="bankruptcy",
        cancels_orders=True,
        partial=True,
        examples=(
            Example(
                source="the page's rating, %profit · effective leverage, long 5 from 35,000 at 42,000 with equity "
                "134,615.38: 35,000/210,000 · 210,000/134,615.38 = 0.26",
                position={
                    "side": "long",
                    "size": 5,
                    "entry_price": 35000,
                    "mark_price": 42000,
                    "equity": 134615.384615,
                },
                expected={"priority": 0.26},
            ),
        ),
    ),
    # What is documented is a number of lights, without a scale.
    "edgex": Facts(ccxt=(), contracts=("linear",), confidence="documented"),
    "backpack": Facts(ccxt=("backpack",), contracts=("linear",), formula="pnl_leverage", confidence="approximation"),
    "pacifica": Facts(
        ccxt=("pacifica",),
        contracts=("linear",),
        confidence="documented",
        interval_hours=1.0,
        examples=(
            Example(
                source="documentation, liquidations: (price − side·margin/size)/(1 − side/max leverage/2), long 1 from "
                "100 with margin 10 at 50x: (100 − 10)/(1 − 0.01)",
                position={
                    "side": "long",
                    "size": 1,
                    "entry_price": 100,
                    "mark_price": 100,
                    "margin": 10,
                    "maintenance_margin_rate": 0.01,
                },
                expected={"liquidation_price": 90 / 0.99},
            ),
        ),
    ),
    # `adl` stands in its positions, but not in the table of its fields: neither scale nor direction is documented.
    "blofin": Facts(
        ccxt=("blofin",),
        formula="pnl_over_margin_ratio",
        confidence="secondary",
        price="mark",
        drawdown=0.3,
    ),
    "orderly": Facts(
        ccxt=("modetrade", "woo", "woofipro"),
        contracts=("linear",),
        formula="pnl_leverage",
        confidence="approximation",
    ),
    "delta": Facts(
        ccxt=("delta",),
        formula="pnl_leverage",
        confidence="documented",
        cancels_orders=True,
        examples=BITMEX_FAMILY,
    ),
    # Return on margin (not on the entry value) times leverage; ADL for USDT perpetuals only.
    "toobit": Facts(
        ccxt=("toobit",), contracts=("linear",), formula="pnl_leverage", confidence="approximation", price="mark"
    ),
    "lbank": Facts(
        ccxt=("lbank",),
        contracts=("linear",),
        formula="profit_times_margin_ratio",
        confidence="documented",
        price="bankruptcy",
        cancels_orders=True,
        examples=(
            Example(
                source="support 2011723009030619136: UPL·MM/max(1, WB)/(WB + UPL), UPL 2,000, MM 180, WB 1,000",
                position={
                    "side": "short",
                    "size": 10,
                    "entry_price": 2000,
                    "mark_price": 1800,
                    "margin": 1000,
                    "maintenance_margin_rate": 0.01,
                },
                expected={"priority": 2000 * 180 / 1000 / 3000},
            ),
        ),
    ),
    "bitmex_family": Facts(
        ccxt=("deepcoin", "poloniex", "xt"),
        formula="pnl_leverage",
        confidence="documented",
        price="bankruptcy",
        examples=BITMEX_FAMILY,
    ),
}
