"""Delta Exchange: the account is isolated, cross or portfolio; contracts linear and inverse, sizes signed."""

from typing import Any, Final

from support.positions.samples.perpetuals import perpetual
from support.positions.samples.sample import Equity, Facts, Sample

BTC = perpetual("BTCUSDT", "BTC/USDT:USDT", 0.001, numericId=84)
ZEC = perpetual("ZECUSDT", "ZEC/USDT:USDT", 0.1, numericId=357)
ETH = perpetual("ETHUSDT", "ETH/USDT:USDT", 0.01, numericId=86)
INVERSE = perpetual("BTCUSD", "BTC/USD:BTC", 1.0, numericId=27)


def product(symbol: str, product_id: int, contract_value: str, *, inverse: bool = False) -> dict[str, Any]:
    """The product inside a position, without its assets and its index."""
    base, quote = (symbol[:3], symbol[3:])
    return {
        "id": product_id,
        "symbol": symbol,
        "state": "live",
        "trading_status": "operational",
        "contract_type": "perpetual_futures",
        "notional_type": "inverse" if inverse else "vanilla",
        "is_quanto": False,
        "contract_value": contract_value,
        "contract_unit_currency": quote if inverse else base,
        "initial_margin": "1",
        "initial_margin_scaling_factor": "0",
        "maintenance_margin": "0.5",
        "maintenance_margin_scaling_factor": "0",
        "max_leverage_notional": "10000",
        "default_leverage": "50.000000000000000000",
        "position_size_limit": 10000000,
        "liquidation_penalty_factor": "1",
        "insurance_fund_margin_contribution": "5",
        "taker_commission_rate": "0.0004",
        "maker_commission_rate": "0.0002",
        "impact_size": 4000,
        "tick_size": "0.1",
        "price_band": "100",
        "funding_method": "mark_price",
        "annualized_funding": "0",
        "basis_factor_max_limit": "1000",
        "launch_time": "2020-04-20T08:37:05Z",
        "settlement_price": None,
        "settlement_time": None,
        "strike_price": None,
        "barrier_price": None,
        "short_description": None,
        "description": f"{symbol} Perpetual futures",
    }


def profile(margin_mode: str) -> dict[str, Any]:
    """The user object, as far as it is about trading."""
    return {
        "success": True,
        "result": {
            "id": "98765432",
            "account_name": "Main",
            "margin_mode": margin_mode,
            "pf_index_symbol": None,
            "is_sub_account": False,
            "is_kyc_done": True,
        },
    }


def wallet(asset_id: int, symbol: str, **amounts: str) -> dict[str, Any]:
    """One wallet of the list of balances."""
    return {
        "asset_id": asset_id,
        "asset_symbol": symbol,
        "available_balance": "0",
        "available_balance_for_robo": "0",
        "balance": "0",
        "blocked_margin": "0",
        "commission": "0",
        "cross_asset_liability": "0",
        "cross_commission": "0",
        "cross_locked_collateral": "0",
        "cross_order_margin": "0",
        "cross_position_margin": "0",
        "id": 154883 + asset_id,
        "interest_credit": "0",
        "order_margin": "0",
        "pending_referral_bonus": "0",
        "pending_trading_fee_credit": "0",
        "portfolio_margin": "0",
        "position_margin": "0",
        "trading_fee_credit": "0",
        "unvested_amount": "0",
        "user_id": 30084879,
        **amounts,
    }


def ticker(symbol: str, product_id: int, mark_price: str) -> dict[str, Any]:
    """One ticker, as far as it is about prices."""
    return {
        "symbol": symbol,
        "product_id": product_id,
        "contract_type": "perpetual_futures",
        "close": float(mark_price),
        "open": float(mark_price),
        "high": float(mark_price),
        "low": float(mark_price),
        "mark_price": mark_price,
        "spot_price": mark_price,
        "funding_rate": "0.00602961",
        "timestamp": 1768389875801586,
    }


BASIS = (
    "published liquidation and bankruptcy prices differ by the maintenance rate times the entry price: 89092.96717 − "
    "88618.22667 = 474.7405 = 0.005 · 94948.1, and 261.82 − 260.63 = 1.19 = 0.005 · 238.0235; the rate is "
    "product.maintenance_margin in percent (0.5), flat where its scaling factor is 0"
)

SAMPLES: Final = (
    Sample(
        venue="delta",
        mode="isolated, USDT, a long and a short",
        source=(
            "Delta Exchange API v2: Get margined positions, Get wallet balances, Get user; seen 2026-11-28. First "
            "position: comment of ccxt 4.5.90 in delta.py (parse_adl_rank), every figure. Second: snapshot of the "
            "positions channel (size −1686 ZECUSDT), with mark price and PnL made up, in the shape of the first. "
            "Products without their assets and index; wallets made up"
        ),
        markets=(BTC, ZEC),
        answers={
            "/v2/positions/margined": {
                "success": True,
                "result": [
                    {
                        "adl_level": None,
                        "auto_topup": False,
                        "bankruptcy_price": "88618.22667",
                        "commission": "0.03797924",
                        "created_at": "2026-01-14T11:24:35.801586Z",
                        "entry_price": "94948.1",
                        "liquidation_price": "89092.96717",
                        "margin": "6.32987333",
                        "margin_mode": "isolated",
                        "mark_price": "94942.90888022",
                        "product": product("BTCUSDT", 84, "0.001"),
                        "product_id": 84,
                        "product_symbol": "BTCUSDT",
                        "realized_cashflow": "0.000000000000000000",
                        "realized_funding": "0",
                        "realized_holding_cost": "0",
                        "realized_pnl": "0",
                        "size": 1,
                        "unrealized_pnl": "-0.00519112",
                        "updated_at": "2026-01-14T11:24:35.801586Z",
                        "user_id": 30084879,
                    },
                    {
                        "adl_level": "4.3335",
                        "auto_topup": False,
                        "bankruptcy_price": "261.82",
                        "commission": "17.6571408",
                        "created_at": "2021-04-29T07:25:59Z",
                        "entry_price": "238.023457888493475682",
                        "liquidation_price": "260.63",
                        "margin": "4012.99",
                        "margin_mode": "isolated",
                        "mark_price": "250",
                        "product": product("ZECUSDT", 357, "0.1"),
                        "product_id": 357,
                        "product_symbol": "ZECUSDT",
                        "realized_cashflow": "0.000000000000000000",
                        "realized_funding": "-3.08",
                        "realized_holding_cost": "0",
                        "realized_pnl": "6364.57",
                        "size": -1686,
                        "unrealized_pnl": "-2019.24500000",
                        "updated_at": "2021-04-29T10:00:05Z",
                        "user_id": 30084879,
                    },
                ],
            },
            "/v2/wallet/balances": {
                "meta": {"net_equity": "7980.74", "robo_trading_equity": "0"},
                "result": [
                    wallet(
                        4,
                        "USDT",
                        balance="10000",
                        available_balance="5962.98500663",
                        blocked_margin="4037.01499337",
                        position_margin="4019.31987333",
                        commission="17.69512004",
                    ),
                    wallet(2, "BTC"),
                ],
                "success": True,
            },
            "/v2/profile": profile("isolated"),
            "/v2/tickers": {
                "success": True,
                "result": [ticker("BTCUSDT", 84, "94942.90888022"), ticker("ZECUSDT", 357, "250")],
            },
        },
        positions=(
            Facts(
                symbol="BTCUSDT",
                side="long",
                size=1.0,
                contract_size=0.001,
                entry_price=94948.1,
                mark_price=94942.90888022,
                margin_mode="isolated",
                margin=6.32987333,
                maintenance_rate=0.005,
                unrealized_pnl=-0.00519112,
                liquidation_price=89092.96717,
            ),
            Facts(
                symbol="ZECUSDT",
                side="short",
                size=1686.0,
                contract_size=0.1,
                entry_price=238.023457888493475682,
                mark_price=250.0,
                margin_mode="isolated",
                margin=4012.99,
                maintenance_rate=0.005,
                unrealized_pnl=-2019.245,
                liquidation_price=260.63,
            ),
        ),
        why={
            "margin": (
                "without PnL and without the blocked commission: bankruptcy price = entry price + margin / amount: "
                "94948.1 − 6.32987333 / 0.001 = 88618.22667; 238.0235 + 4012.99 / 168.6 = 261.825"
            ),
            "maintenance_rate": BASIS,
            "adl_meter": "`adl_level` (null, or 4.3335 as a text) has no documented scale; the card has no meter",
        },
    ),
    Sample(
        venue="delta",
        mode="isolated, inverse",
        source=(
            "Delta Exchange API v2: Get margined positions, Get products (notional_type inverse, settled in the coin); "
            "seen 2026-11-28; shape of the sample before, figures made up"
        ),
        markets=(INVERSE,),
        answers={
            "/v2/positions/margined": {
                "success": True,
                "result": [
                    {
                        "adl_level": None,
                        "auto_topup": False,
                        "bankruptcy_price": "45454.54545",
                        "commission": "0.00000880",
                        "created_at": "2026-01-14T11:24:35.801586Z",
                        "entry_price": "50000",
                        "liquidation_price": "45662.1",
                        "margin": "0.002",
                        "margin_mode": "isolated",
                        "mark_price": "55000",
                        "product": product("BTCUSD", 27, "1", inverse=True),
                        "product_id": 27,
                        "product_symbol": "BTCUSD",
                        "realized_cashflow": "0.000000000000000000",
                        "realized_funding": "0",
                        "realized_holding_cost": "0",
                        "realized_pnl": "0",
                        "size": 1000,
                        "unrealized_pnl": "0.00181818",
                        "updated_at": "2026-01-14T11:24:35.801586Z",
                        "user_id": 30084879,
                    },
                ],
            },
            "/v2/wallet/balances": {
                "meta": {"net_equity": "550", "robo_trading_equity": "0"},
                "result": [
                    wallet(
                        2,
                        "BTC",
                        balance="0.01",
                        available_balance="0.0079912",
                        blocked_margin="0.0020088",
                        position_margin="0.002",
                        commission="0.0000088",
                    ),
                ],
                "success": True,
            },
            "/v2/profile": profile("isolated"),
            "/v2/tickers": {"success": True, "result": [ticker("BTCUSD", 27, "55000")]},
        },
        positions=(
            Facts(
                symbol="BTCUSD",
                side="long",
                size=1000.0,
                contract="inverse",
                entry_price=50000.0,
                mark_price=55000.0,
                margin_mode="isolated",
                margin=0.002,
                maintenance_rate=0.005,
                unrealized_pnl=0.00181818,
                liquidation_price=45662.1,
            ),
        ),
        why={
            "size": "1000 contracts of 1 USD: 1000 · (1/50000 − 1/55000) = 0.00181818 BTC",
            "margin": "in the coin, without PnL: 1000 · (1/45454.545 − 1/50000) = 0.002",
            "maintenance_rate": BASIS,
        },
    ),
    Sample(
        venue="delta",
        mode="cross, USDT, a long and a short",
        source=(
            "Delta Exchange API v2: Get user (margin_mode isolated, cross or portfolio, of the whole account), Get "
            "margined positions, Get wallet balances; margins channel for the words of the wallet's fields; seen "
            "2026-11-28. No example of cross positions was found: the shape is that of the isolated ones, figures made "
            "up"
        ),
        markets=(BTC, ETH),
        answers={
            "/v2/positions/margined": {
                "success": True,
                "result": [
                    {
                        "adl_level": None,
                        "auto_topup": False,
                        "bankruptcy_price": None,
                        "commission": "2.4",
                        "created_at": "2026-01-14T11:24:35.801586Z",
                        "entry_price": "60000",
                        "liquidation_price": None,
                        "margin": "60",
                        "margin_mode": "cross",
                        "mark_price": "62000",
                        "product": product("BTCUSDT", 84, "0.001"),
                        "product_id": 84,
                        "product_symbol": "BTCUSDT",
                        "realized_cashflow": "0.000000000000000000",
                        "realized_funding": "0",
                        "realized_holding_cost": "0",
                        "realized_pnl": "0",
                        "size": 100,
                        "unrealized_pnl": "200",
                        "updated_at": "2026-01-14T11:24:35.801586Z",
                        "user_id": 30084879,
                    },
                    {
                        "adl_level": None,
                        "auto_topup": False,
                        "bankruptcy_price": None,
                        "commission": "1",
                        "created_at": "2026-01-14T11:24:35.801586Z",
                        "entry_price": "2500",
                        "liquidation_price": None,
                        "margin": "25",
                        "margin_mode": "cross",
                        "mark_price": "2600",
                        "product": product("ETHUSDT", 86, "0.01"),
                        "product_id": 86,
                        "product_symbol": "ETHUSDT",
                        "realized_cashflow": "0.000000000000000000",
                        "realized_funding": "0",
                        "realized_holding_cost": "0",
                        "realized_pnl": "0",
                        "size": -100,
                        "unrealized_pnl": "-100",
                        "updated_at": "2026-01-14T11:24:35.801586Z",
                        "user_id": 30084879,
                    },
                ],
            },
            "/v2/wallet/balances": {
                "meta": {"net_equity": "1100", "robo_trading_equity": "0"},
                "result": [
                    wallet(
                        4,
                        "USDT",
                        balance="1000",
                        available_balance="911.6",
                        blocked_margin="88.4",
                        cross_position_margin="85",
                        cross_commission="3.4",
                    ),
                    wallet(2, "BTC"),
                ],
                "success": True,
            },
            "/v2/profile": profile("cross"),
            "/v2/tickers": {
                "success": True,
                "result": [ticker("BTCUSDT", 84, "62000"), ticker("ETHUSDT", 86, "2600")],
            },
        },
        positions=(
            Facts(
                symbol="BTCUSDT",
                side="long",
                size=100.0,
                contract_size=0.001,
                entry_price=60000.0,
                mark_price=62000.0,
                margin_mode="cross",
                maintenance_rate=0.005,
                unrealized_pnl=200.0,
                liquidation_price=None,
            ),
            Facts(
                symbol="ETHUSDT",
                side="short",
                size=100.0,
                contract_size=0.01,
                entry_price=2500.0,
                mark_price=2600.0,
                margin_mode="cross",
                maintenance_rate=0.005,
                unrealized_pnl=-100.0,
                liquidation_price=None,
            ),
        ),
        equities=(Equity(settle="USDT", amount=None),),
        why={
            "amount": (
                "unknown: the wallet's balance is deposits less withdrawals plus realised cash flows, without PnL, but "
                "in cross mode assets back each other (cross_asset_liability, cross_locked_collateral) and options "
                "share it; meta.net_equity has no description, currency or scope"
            ),
            "margin": "of a cross position it is what is blocked, initial margin, not what backs it",
        },
    ),
    Sample(
        venue="delta",
        mode="isolated, in the shape of the reference, without mark price and margin mode",
        source=(
            "Delta Exchange API v2, Get margined positions, response of the reference (margin_mode, mark_price and "
            "unrealized_pnl are only in answers that clients print), Get tickers; seen 2026-11-28; figures of the "
            "first sample. Written with the reader, not independently of it"
        ),
        markets=(BTC,),
        answers={
            "/v2/positions/margined": {
                "success": True,
                "result": [
                    {
                        "user_id": 30084879,
                        "size": 1,
                        "entry_price": "94948.1",
                        "margin": "6.32987333",
                        "liquidation_price": "89092.96717",
                        "bankruptcy_price": "88618.22667",
                        "adl_level": 0,
                        "product_id": 84,
                        "product_symbol": "BTCUSDT",
                        "commission": "0.03797924",
                        "realized_pnl": "0",
                        "realized_funding": "0",
                    },
                ],
            },
            "/v2/tickers": {
                "success": True,
                "result": [ticker("BTCUSDT", 84, "94942.90888022"), ticker("ETHUSDT", 86, "2600")],
            },
        },
        positions=(
            Facts(
                symbol="BTCUSDT",
                side="long",
                size=1.0,
                contract_size=0.001,
                entry_price=94948.1,
                mark_price=94942.90888022,
                margin_mode=None,
                liquidation_price=89092.96717,
            ),
        ),
        why={
            "margin_mode": "not said, and margin is of every mode, so what backs it is unknown",
            "mark_price": "of the tickers, one call for all contracts",
        },
    ),
)
