"""Crypto.com Exchange: what its documentation shows of accounts."""

from typing import Any, Final

from support.positions.samples.perpetuals import perpetual
from support.positions.samples.sample import Equity, Facts, Sample

_SEEN: Final = "seen 2026-11-28"
_API: Final = (
    "Crypto.com Exchange API v1: private/get-positions, private/user-balance, public/get-valuations (mark_price), "
    "public/get-tickers"
)

_BTC: Final = perpetual("BTCUSD-PERP", "BTC/USD:USD")
_ETH: Final = perpetual("ETHUSD-PERP", "ETH/USD:USD")


def _answer(method: str, result: dict[str, Any]) -> dict[str, Any]:
    return {"id": 1, "method": method, "code": 0, "result": result}


def _valuation(instrument: str, value: str) -> dict[str, Any]:
    result = {"data": [{"v": value, "t": 1795867200000}], "instrument_name": instrument}
    return _answer("public/get-valuations", result)


def _ticker(instrument: str, last: str) -> dict[str, Any]:
    return {
        "i": instrument,
        "h": last,
        "l": last,
        "a": last,
        "v": "879.5024",
        "vv": "26370000.12",
        "oi": "12345.12",
        "c": "0.03205",
        "b": last,
        "k": last,
        "t": 1795867200000,
    }


def _position(instrument: str, **fields: object) -> dict[str, Any]:
    return {
        "account_id": "858dbc8b-22fd-49fa-bff4-d342d98a8acb",
        "instrument_name": instrument,
        "type": "PERPETUAL_SWAP",
        "update_timestamp_ms": 1613552240770,
        **fields,
    }


_CROSS: Final = Sample(
    venue="cryptocom",
    mode="cross, several coins as collateral",
    source=(
        f"row 10 of the reader cases; {_API}; the balance and the BTC position are the response examples as printed "
        f"(but total_effective_leverage), the ETH position and the prices made up to fit total_position_cost; {_SEEN}"
    ),
    markets=(_BTC, _ETH),
    answers={
        "/private/get-positions": _answer(
            "private/get-positions",
            {
                "data": [
                    _position(
                        "BTCUSD-PERP",
                        quantity="-0.1984",
                        cost="-10159.573500",
                        open_position_pnl="-497.743736",
                        open_pos_cost="-10159.352200",
                        session_pnl="2.236145",
                    ),
                    _position(
                        "ETHUSD-PERP",
                        quantity="1.25",
                        cost="3750.000000",
                        open_position_pnl="110.450477",
                        open_pos_cost="3750.000000",
                        session_pnl="-57.998542",
                    ),
                ]
            },
        ),
        "/private/user-balance": _answer(
            "private/user-balance",
            {
                "data": [
                    {
                        "total_available_balance": "4721.05898582",
                        "total_margin_balance": "7595.42571782",
                        "total_initial_margin": "2874.36673202",
                        "total_position_im": "486.31273202",
                        "total_haircut": "2388.054",
                        "total_maintenance_margin": "1437.18336601",
                        "total_position_cost": "14517.54641301",
                        "total_cash_balance": "7890.00320721",
                        "total_collateral_value": "7651.18811483",
                        "total_session_unrealized_pnl": "-55.76239701",
                        "instrument_name": "USD",
                        "total_session_realized_pnl": "0.00000000",
                        "is_liquidating": False,
                        "total_effective_leverage": "1.91135387",
                        "position_limit": "3000000.00000000",
                        "used_position_limit": "40674.69622001",
                        "total_isolated_cash_balance": "0.00000000",
                        "position_balances": [
                            {
                                "instrument_name": "CRO",
                                "quantity": "24422.72427884",
                                "market_value": "4776.107959969951",
                                "collateral_eligible": True,
                                "haircut": "0.5",
                                "collateral_amount": "4537.302561971453",
                                "max_withdrawal_balance": "24422.72427884",
                                "reserved_qty": "0.00000000",
                            },
                            {
                                "instrument_name": "USD",
                                "quantity": "3113.50747209",
                                "market_value": "3113.50747209",
                                "collateral_eligible": True,
                                "haircut": "0",
                                "collateral_amount": "3113.50747209",
                                "max_withdrawal_balance": "3113.50747209",
                                "reserved_qty": "0.00000000",
                            },
                            {
                                "instrument_name": "USDT",
                                "quantity": "0.19411607",
                                "market_value": "0.19389555414448",
                                "collateral_eligible": True,
                                "haircut": "0.02",
                                "collateral_amount": "0.18904816529086801",
                                "max_withdrawal_balance": "0.19411607",
                                "reserved_qty": "0.00000000",
                            },
                        ],
                        "isolated_positions": [],
                    }
                ]
            },
        ),
        "/public/get-valuations#BTCUSD-PERP": _valuation("BTCUSD-PERP", "53715.20129"),
        "/public/get-valuations#ETHUSD-PERP": _valuation("ETHUSD-PERP", "3088.360382"),
        "/public/get-tickers": _answer(
            "public/get-tickers", {"data": [_ticker("BTCUSD-PERP", "53720.1"), _ticker("ETHUSD-PERP", "3088.5")]}
        ),
    },
    positions=(
        Facts(
            symbol="BTCUSD-PERP",
            side="short",
            size=0.1984,
            entry_price=51206.412298,
            mark_price=53715.20129,
            margin_mode="cross",
            unrealized_pnl=-497.743736,
        ),
        Facts(
            symbol="ETHUSD-PERP",
            side="long",
            size=1.25,
            entry_price=3000.0,
            mark_price=3088.360382,
            margin_mode="cross",
            unrealized_pnl=110.450477,
        ),
    ),
    equities=(
        Equity(
            settle="USD",
            amount=7595.42571782,
            wallet_balance=7982.71897682,
            maintenance_margin=1437.18336601,
            in_dollars=True,
        ),
    ),
    why={
        "entry_price": "open_pos_cost / quantity (no field has it): 10159.3522 / 0.1984; cost differs a little",
        "mark_price": (
            "public/get-valuations, one call a contract; (open_pos_cost + open_position_pnl) / quantity gives the "
            "same: (10159.3522 + 497.743736) / 0.1984. get-tickers has the last price only"
        ),
        "unrealized_pnl": "open_position_pnl, since the opening; session_pnl is since the session's start",
        "equities": (
            "total_margin_balance = total_collateral_value + total_session_unrealized_pnl; wallet is "
            "that less the PnL since the opening, 7595.42571782 + 497.743736 - 110.450477"
        ),
        "maintenance_margin": (
            "of the account, what total_margin_balance is held against; it is half of total_initial_margin, so it "
            "holds half of total_haircut (the collateral's) besides the positions' own; positions have none"
        ),
    },
)

_ISOLATED: Final = Sample(
    venue="cryptocom",
    mode="isolated",
    source=(
        f"{_API}, fields isolation_id and isolation_type, and isolated_positions of the balance (since 2026-01-08); "
        f"the latter are the response example's but total_margin_balance (there a figure of another example), the "
        f"position made up to fit; {_SEEN}"
    ),
    markets=(_BTC,),
    answers={
        "/private/get-positions": _answer(
            "private/get-positions",
            {
                "data": [
                    _position(
                        "BTCUSD-PERP",
                        quantity="0.0002",
                        cost="10.962000",
                        open_position_pnl="-0.003000",
                        open_pos_cost="10.962000",
                        session_pnl="-0.003000",
                        isolation_id="19848526",
                        isolation_type="ISOLATED_MARGIN",
                    )
                ]
            },
        ),
        "/private/user-balance": _answer(
            "private/user-balance",
            {
                "data": [
                    {
                        "total_available_balance": "20823.62250000",
                        "total_margin_balance": "20823.62250000",
                        "total_initial_margin": "0.00000000",
                        "total_position_im": "0.00000000",
                        "total_haircut": "0.00000000",
                        "total_maintenance_margin": "0.00000000",
                        "total_position_cost": "0.00000000",
                        "total_cash_balance": "21919.55000000",
                        "total_collateral_value": "20823.62250000",
                        "total_session_unrealized_pnl": "0.00000000",
                        "instrument_name": "USD",
                        "total_session_realized_pnl": "0.00000000",
                        "is_liquidating": False,
                        "total_effective_leverage": "0.00000000",
                        "position_limit": "3000000.00000000",
                        "used_position_limit": "0.00000000",
                        "total_isolated_cash_balance": "8.96326705",
                        "position_balances": [
                            {
                                "instrument_name": "BTC",
                                "quantity": "1.0000000000",
                                "market_value": "21918.5500000000",
                                "collateral_eligible": True,
                                "haircut": "0.05",
                                "collateral_amount": "20822.6225000000",
                                "max_withdrawal_balance": "1.0000000000",
                                "reserved_qty": "0.00000000",
                            },
                            {
                                "instrument_name": "USD",
                                "quantity": "1.00000000",
                                "market_value": "1.00000000",
                                "collateral_eligible": True,
                                "haircut": "0",
                                "collateral_amount": "1.00000000",
                                "max_withdrawal_balance": "1.00000000",
                                "reserved_qty": "0.00000000",
                            },
                        ],
                        "isolated_positions": [
                            {
                                "isolation_id": "19848526",
                                "leverage": "10",
                                "isolation_type": "ISOLATED_MARGIN",
                                "total_available_balance": "7.86406704",
                                "total_margin_balance": "8.96026705",
                                "total_initial_margin": "1.09620001",
                                "total_position_im": "0.5481",
                                "total_haircut": "0",
                                "total_maintenance_margin": "0.27405",
                                "total_position_cost": "10.959",
                                "total_cash_balance": "8.96326705",
                                "total_collateral_value": "8.96326705",
                                "total_session_unrealized_pnl": "-0.003",
                                "instrument_name": "USD",
                                "total_session_realized_pnl": "-0.043",
                                "is_liquidating": False,
                                "total_effective_leverage": "1.223066",
                                "position_limit": "89.01072259",
                                "used_position_limit": "10.962",
                                "position_balances": [
                                    {
                                        "instrument_name": "USD",
                                        "quantity": "8.9632670590686",
                                        "market_value": "8.96326705",
                                        "collateral_eligible": True,
                                        "haircut": "0",
                                        "collateral_amount": "8.96326705",
                                        "max_withdrawal_balance": "7.86406704",
                                        "reserved_qty": "1.09920001",
                                    }
                                ],
                            }
                        ],
                    }
                ]
            },
        ),
        "/public/get-valuations#BTCUSD-PERP": _valuation("BTCUSD-PERP", "54795.0"),
        "/public/get-tickers": _answer("public/get-tickers", {"data": [_ticker("BTCUSD-PERP", "54800.0")]}),
    },
    positions=(
        Facts(
            symbol="BTCUSD-PERP",
            side="long",
            size=0.0002,
            entry_price=54810.0,
            mark_price=54795.0,
            margin_mode="isolated",
            margin=8.96326705,
            maintenance_margin=0.27405,
            unrealized_pnl=-0.003,
        ),
    ),
    why={
        "BTCUSD-PERP.margin_mode": "isolation_type; isolated_positions has its figures, by isolation_id",
        "BTCUSD-PERP.margin": (
            "total_margin_balance of that row less the PnL since the opening, 8.96026705 + 0.003; it is "
            "total_cash_balance only while the position is of this session"
        ),
        "equities": "none: no cross position; whether the account's totals hold the isolated balance is not said",
    },
)

SAMPLES: Final = (_CROSS, _ISOLATED)
