"""HTX: USDT-margined (API v5: cross, isolated, multi-assets mode) and coin-margined swaps."""

from typing import Any, Final

from support.positions.samples.perpetuals import perpetual
from support.positions.samples.sample import Equity, Facts, Sample

BTC_USDT: Final = perpetual("BTC-USDT", "BTC/USDT:USDT", 0.001)
ETH_USDT: Final = perpetual("ETH-USDT", "ETH/USDT:USDT", 0.01)
BTC_USD: Final = perpetual("BTC-USD", "BTC/USD:BTC", 100.0)
MARKETS: Final = (BTC_USDT, ETH_USDT, BTC_USD)
LINEAR: Final = (
    "HTX USDT-M futures API v5: current positions (/v5/trade/position/opens), account balance (/v5/account/balance), "
    "asset mode; examples and fields (as ccxt's comments and SDK models repeat them); seen 2026-11-28. "
)


def answer(data: Any) -> dict[str, Any]:
    return {"code": 200, "message": "Success", "data": data, "ts": 1780903761300}


def row(contract: str, side: str, volume: str, **fields: Any) -> dict[str, Any]:
    """A row of v5's positions, with every field of the page."""
    return {
        "contract_code": contract,
        "position_side": side,
        "direction": "sell" if side == "short" else "buy",
        "margin_mode": "cross",
        "open_avg_price": "0",
        "volume": volume,
        "available": volume,
        "lever_rate": 20,
        "adl_risk_percent": None,
        "liquidation_price": "0",
        "margin": "0",
        "initial_margin": "0",
        "maintenance_margin": "0",
        "profit_unreal": "0",
        "profit_rate": "0",
        "margin_rate": "0",
        "mark_price": "0",
        "last_price": "0",
        "margin_currency": "USDT",
        "contract_type": "swap",
        "created_time": "1780903703234",
        "updated_time": "1780903703234",
        **fields,
    }


def detail(currency: str, equity: str, **fields: Any) -> dict[str, Any]:
    """A currency of v5's balance, with every field of the page."""
    return {
        "currency": currency,
        "equity": equity,
        "isolated_equity": "0",
        "available": equity,
        "withdraw_available": "0",
        "profit_unreal": "0",
        "isolated_profit_unreal": "0",
        "initial_margin": "0",
        "maintenance_margin": "0",
        "maintenance_margin_rate": "0",
        "initial_margin_rate": "0",
        "available_margin": equity,
        "voucher": "0",
        "voucher_value": "0",
        "created_time": 1770293270932,
        "updated_time": 1780903703234,
        **fields,
    }


def balance(details: list[dict[str, Any]], equity: str, **fields: str) -> dict[str, Any]:
    return answer(
        {
            "state": "normal",
            "equity": equity,
            "details": details,
            "initial_margin": "0",
            "maintenance_margin": "0",
            "maintenance_margin_rate": "0",
            "profit_unreal": "0",
            "available_margin": equity,
            "voucher_value": "0",
            "created_time": 1770293268881,
            "updated_time": 1780903703234,
            **fields,
        }
    )


def inverse(positions: list[dict[str, Any]], accounts: list[dict[str, Any]], mark: str) -> dict[str, Any]:
    """The coin-margined answers; the ticker and the candle of the mark price show the same price."""
    return {
        "/swap-api/v1/swap_position_info": {"status": "ok", "data": positions, "ts": 1780903761300},
        "/swap-api/v1/swap_account_info": {"status": "ok", "data": accounts, "ts": 1780903761300},
        "/index/market/history/swap_mark_price_kline": {
            "ch": "market.BTC-USD.mark_price.1min",
            "data": [
                {
                    "amount": "0",
                    "close": mark,
                    "count": "0",
                    "high": mark,
                    "id": 1780903740,
                    "low": mark,
                    "open": mark,
                    "trade_turnover": "0",
                    "vol": "0",
                }
            ],
            "status": "ok",
            "ts": 1780903761300,
        },
        "/v2/swap-ex/market/detail/batch_merged": {
            "status": "ok",
            "ticks": [
                {
                    "id": 1780903761,
                    "ts": 1780903761300,
                    "ask": [float(mark), 117],
                    "bid": [float(mark), 1],
                    "contract_code": "BTC-USD",
                    "open": mark,
                    "close": mark,
                    "low": mark,
                    "high": mark,
                    "amount": "2349.2",
                    "count": 12304,
                    "vol": "2251200",
                }
            ],
            "ts": 1780903761300,
        },
    }


def linear(rows: list[dict[str, Any]], balance_: dict[str, Any], mode: int = 0) -> dict[str, Any]:
    return {
        "/v5/trade/position/opens": answer(rows),
        "/v5/account/balance": balance_,
        "/v5/account/asset_mode": answer({"asset_mode": mode}),
        "/swap-api/v1/swap_position_info": {"status": "ok", "data": [], "ts": 1780903761300},
        "/swap-api/v1/swap_account_info": {"status": "ok", "data": [], "ts": 1780903761300},
    }


CROSS: Final = Sample(
    venue="htx",
    mode="USDT-margined, single-asset mode, cross margin, hedge mode",
    source=LINEAR + "The long is the example of the positions (its figures agree with each other); the short and the "
    "balance were made up on the documented shape.",
    markets=MARKETS,
    answers=linear(
        [
            row(
                "BTC-USDT",
                "long",
                "1",
                open_avg_price="63204.5",
                adl_risk_percent=3,
                liquidation_price="-110163.844268282697306843",
                margin="3.158275",
                initial_margin="3.158275",
                maintenance_margin="0.2147627",
                profit_unreal="-0.039",
                profit_rate="-0.0123",
                margin_rate="0.0013",
                mark_price="63165.5",
                last_price="63163.3",
            ),
            row(
                "ETH-USDT",
                "short",
                "2",
                open_avg_price="2500",
                adl_risk_percent=None,
                liquidation_price="0",
                margin="2.4",
                initial_margin="2.4",
                maintenance_margin="0.0816",
                profit_unreal="2",
                profit_rate="0.8",
                margin_rate="0.0013",
                mark_price="2400",
                last_price="2400.1",
            ),
        ],
        balance(
            [
                detail(
                    "USDT",
                    "226.961",
                    available="221.402725",
                    profit_unreal="1.961",
                    initial_margin="5.558275",
                    maintenance_margin="0.2963627",
                    maintenance_margin_rate="0.0013",
                    initial_margin_rate="0.0245",
                    available_margin="221.402725",
                )
            ],
            "226.961",
            initial_margin="5.558275",
            maintenance_margin="0.2963627",
            maintenance_margin_rate="0.0013",
            profit_unreal="1.961",
            available_margin="221.402725",
        ),
    ),
    positions=(
        Facts(
            symbol="BTC-USDT",
            side="long",
            size=1.0,
            contract_size=0.001,
            entry_price=63204.5,
            mark_price=63165.5,
            margin_mode="cross",
            maintenance_margin=0.2147627,
            unrealized_pnl=-0.039,
            adl_meter=3.0,
        ),
        Facts(
            symbol="ETH-USDT",
            side="short",
            size=2.0,
            contract_size=0.01,
            entry_price=2500.0,
            mark_price=2400.0,
            margin_mode="cross",
            maintenance_margin=0.0816,
            unrealized_pnl=2.0,
        ),
    ),
    equities=(Equity(settle="USDT", amount=226.961, wallet_balance=225.0, maintenance_margin=0.2963627),),
    why={
        "liquidation_price": "Below 0: none.",
        "adl_meter": "null is no reading.",
        "equity": "Of the currency USDT; wallet is equity less profit_unreal. margin_rate of a cross position is the "
        "account's (maintenance over equity), not the position's.",
    },
)

ONE_WAY_ISOLATED: Final = Sample(
    venue="htx",
    mode="USDT-margined, single-asset mode, isolated margin, one-way",
    source=LINEAR + "Figures made up on the documented shape.",
    markets=MARKETS,
    answers=linear(
        [
            row(
                "BTC-USDT",
                "both",
                "5",
                direction="sell",
                margin_mode="isolated",
                open_avg_price="60000",
                lever_rate=10,
                adl_risk_percent=5,
                liquidation_price="65776.4",
                margin="30",
                initial_margin="29.5",
                maintenance_margin="1.003",
                profit_unreal="5",
                profit_rate="0.1667",
                margin_rate="0.0287",
                mark_price="59000",
                last_price="59001",
            )
        ],
        balance(
            [
                detail(
                    "USDT",
                    "100",
                    isolated_equity="35",
                    isolated_profit_unreal="5",
                    available="65",
                    available_margin="65",
                )
            ],
            "100",
        ),
    ),
    positions=(
        Facts(
            symbol="BTC-USDT",
            side="short",
            size=5.0,
            contract_size=0.001,
            entry_price=60000.0,
            mark_price=59000.0,
            margin_mode="isolated",
            margin=30.0,
            maintenance_margin=1.003,
            unrealized_pnl=5.0,
            liquidation_price=65776.4,
            adl_meter=5.0,
        ),
    ),
    why={
        "side": "In one-way mode position_side is both; direction is the side.",
        "margin": "Inferred: margin is without PnL, as isolated_equity 35 less isolated_profit_unreal 5 says for the "
        "only isolated position (a sister venue of the same shape defines isolated equity with PnL). The page's words "
        "do not say it.",
    },
)

MULTI: Final = Sample(
    venue="htx",
    mode="USDT-margined, multi-assets mode, cross margin, hedge mode",
    source=LINEAR + "Figures made up on the documented shape.",
    markets=MARKETS,
    answers=linear(
        [
            row(
                "BTC-USDT",
                "long",
                "100",
                open_avg_price="60000",
                adl_risk_percent=4,
                liquidation_price="21071.64",
                margin="305",
                initial_margin="305",
                maintenance_margin="20.74",
                profit_unreal="100",
                profit_rate="0.3333",
                margin_rate="0.0052",
                mark_price="61000",
                last_price="61001",
            )
        ],
        balance(
            [
                detail(
                    "USDT",
                    "2100",
                    profit_unreal="100",
                    initial_margin="305",
                    maintenance_margin="20.74",
                    available_margin="1795",
                ),
                detail("ETH", "0.8", voucher="0"),
            ],
            "4000",
            initial_margin="305",
            maintenance_margin="20.74",
            maintenance_margin_rate="0.0052",
            profit_unreal="100",
            available_margin="3695",
        ),
        mode=1,
    ),
    positions=(
        Facts(
            symbol="BTC-USDT",
            side="long",
            size=100.0,
            contract_size=0.001,
            entry_price=60000.0,
            mark_price=61000.0,
            margin_mode="cross",
            maintenance_margin=20.74,
            unrealized_pnl=100.0,
            liquidation_price=21071.64,
            adl_meter=4.0,
        ),
    ),
    equities=(Equity(settle="USDT", amount=4000.0, wallet_balance=3900.0, maintenance_margin=20.74, in_dollars=True),),
    why={"equity": "In the multi-assets mode the account's own equity counts all collateral; 2100 of USDT is a part."},
)


def inverse_row(volume: str, direction: str, **fields: Any) -> dict[str, Any]:
    """A row of the coin-margined positions, with every field of the page."""
    return {
        "symbol": "BTC",
        "contract_code": "BTC-USD",
        "volume": volume,
        "available": volume,
        "frozen": "0",
        "cost_open": "0",
        "cost_hold": "0",
        "profit_unreal": "0",
        "profit_rate": "0",
        "lever_rate": 5,
        "position_margin": "0",
        "direction": direction,
        "profit": "0",
        "liq_px": None,
        "last_price": "0",
        "store_time": "2026-11-28 00:00:00",
        "open_adl": 1,
        "adl_risk_percent": 1,
        "tp_trigger_price": None,
        "sl_trigger_price": None,
        "tp_order_id": None,
        "sl_order_id": None,
        "tp_trigger_type": None,
        "sl_trigger_type": None,
        **fields,
    }


COIN: Final = Sample(
    venue="htx",
    mode="coin-margined swap, hedge mode (both sides)",
    source="HTX coin-margined swaps API: Query user's position information, Query user's account information, candles "
    "of the mark price; fields and examples (as ccxt's comments and public code repeat them); seen 2026-11-28. Row 10 "
    "of the reader cases (no mark price in the position); figures made up on the documented shape.",
    markets=MARKETS,
    answers={
        **{
            key: value
            for key, value in linear([], balance([detail("USDT", "0")], "0")).items()
            if not key.startswith("/swap-api")
        },
        **inverse(
            [
                inverse_row(
                    "10",
                    "buy",
                    cost_open="50000",
                    cost_hold="51000",
                    profit_unreal="0.000377073906485671",
                    profit="0.000769230769230769",
                    profit_rate="0.2",
                    position_margin="0.003846153846153846",
                    liq_px=None,
                    last_price="52000",
                    adl_risk_percent=3,
                ),
                inverse_row(
                    "4",
                    "sell",
                    cost_open="51000",
                    cost_hold="51000",
                    profit_unreal="-0.000150829562594268",
                    profit="-0.000150829562594268",
                    profit_rate="-0.098",
                    position_margin="0.001538461538461538",
                    liq_px=None,
                    last_price="52000",
                    adl_risk_percent=1,
                ),
            ],
            [
                {
                    "symbol": "BTC",
                    "contract_code": "BTC-USD",
                    "margin_balance": "0.050226244343891403",
                    "margin_position": "0.005384615384615384",
                    "margin_frozen": "0",
                    "margin_available": "0.044841628959276019",
                    "profit_real": "0",
                    "profit_unreal": "0.000226244343891403",
                    "risk_rate": "9.2877",
                    "withdraw_available": "0.0446",
                    "liquidation_price": None,
                    "lever_rate": 5,
                    "adjust_factor": "0.04",
                    "margin_static": "0.05",
                    "transfer_profit_ratio": None,
                    "new_risk_rate": "0.0042",
                    "trade_partition": "USD",
                }
            ],
            "52000",
        ),
    },
    positions=(
        Facts(
            symbol="BTC-USD",
            side="long",
            size=10.0,
            contract="inverse",
            contract_size=100.0,
            entry_price=50000.0,
            mark_price=52000.0,
            margin_mode="cross",
            unrealized_pnl=0.000769230769230769,
            adl_meter=3.0,
        ),
        Facts(
            symbol="BTC-USD",
            side="short",
            size=4.0,
            contract="inverse",
            contract_size=100.0,
            entry_price=51000.0,
            mark_price=52000.0,
            margin_mode="cross",
            unrealized_pnl=-0.000150829562594268,
            adl_meter=1.0,
        ),
    ),
    equities=(Equity(settle="BTC", amount=0.050226244343891403, wallet_balance=0.05),),
    why={
        "unrealized_pnl": "profit counts from cost_open (since entry), profit_unreal from cost_hold (since the last "
        "settlement): 1000 x (1/50000 - 1/52000) = 0.00076923 and 1000 x (1/51000 - 1/52000) = 0.00037707. An example "
        "of the venue shows the same (47162 and 47151.3 at 47158.6: -0.0034 and 0.0073).",
        "equity": "margin_balance = margin_static + profit_unreal: what was settled is in margin_static already.",
        "mark_price": "Not in the position: the close of the mark price's candle. The ticker shows last prices only "
        "(made equal here).",
        "margin_mode": "One account per contract backs both sides of it.",
        "maintenance_margin": "Not published: the account's risk_rate uses adjust_factor instead.",
    },
)

SAMPLES: Final = (CROSS, ONE_WAY_ISOLATED, MULTI, COIN)
