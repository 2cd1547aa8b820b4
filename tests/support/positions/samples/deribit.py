"""Deribit's linear (USDC) perpetuals: what its documentation shows of accounts, by margin model."""

from typing import Any, Final

from support.positions.samples.perpetuals import perpetual
from support.positions.samples.sample import Equity, Facts, Sample

_SEEN: Final = "seen 2026-11-28"
_POSITIONS: Final = "Deribit API v2, private/get_positions"
_SUMMARIES: Final = "private/get_account_summaries"

BTC_USDC: Final = perpetual("BTC_USDC-PERPETUAL", "BTC/USDC:USDC", contract_size=0.001)
ETH_USDC: Final = perpetual("ETH_USDC-PERPETUAL", "ETH/USDC:USDC", contract_size=0.01)


def result(value: object) -> dict[str, Any]:
    """An answer of the JSON-RPC interface."""
    return {
        "jsonrpc": "2.0",
        "id": 2236,
        "result": value,
        "usIn": 1795867200000000,
        "usOut": 1795867200000545,
        "usDiff": 545,
        "testnet": False,
    }


def position(instrument: str, **fields: object) -> dict[str, Any]:
    """A future's row of get_positions."""
    return {
        "instrument_name": instrument,
        "kind": "future",
        "leverage": 50,
        "open_orders_margin": 0.0,
        "realized_funding": 0.0,
        "realized_profit_loss": 0.0,
        "interest_value": 0.0,
        **fields,
    }


def summary(currency: str, model: str, **fields: object) -> dict[str, Any]:
    """A currency's row of get_account_summaries; one without options."""
    return {
        "currency": currency,
        "margin_model": model,
        "portfolio_margining_enabled": model.endswith("_pm"),
        "cross_collateral_enabled": model.startswith("cross"),
        "options_pl": 0.0,
        "options_session_upl": 0.0,
        "options_session_rpl": 0.0,
        "options_value": 0.0,
        "options_delta": 0.0,
        "options_gamma": 0.0,
        "options_theta": 0.0,
        "options_vega": 0.0,
        "options_gamma_map": {},
        "options_theta_map": {},
        "options_vega_map": {},
        "futures_session_rpl": 0.0,
        "session_rpl": 0.0,
        "fee_balance": 0.0,
        "spot_reserve": 0.0,
        "additional_reserve": 0.0,
        "locked_balance": 0.0,
        "estimated_liquidation_ratio": 0.0,
        "estimated_liquidation_ratio_map": {},
        **fields,
    }


def summaries(*rows: dict[str, Any]) -> dict[str, Any]:
    """The answer of get_account_summaries."""
    return result(
        {
            "id": 10,
            "email": "user@example.com",
            "system_name": "user",
            "username": "user",
            "type": "main",
            "summaries": list(rows),
        }
    )


_BTC_ROW: Final = position(
    "BTC_USDC-PERPETUAL",
    direction="buy",
    average_price=98000.0,
    mark_price=100000.0,
    index_price=99990.0,
    settlement_price=99500.0,
    size=300.0,
    size_currency=0.003,
    delta=0.003,
    floating_profit_loss=1.5,
    total_profit_loss=6.0,
    initial_margin=6.0,
    maintenance_margin=3.0,
    estimated_liquidation_price=36531.99,
)

_SEGREGATED: Final = Sample(
    venue="deribit",
    mode="standard margin, no cross collateral, USDC",
    source=(
        f"rows 8 and 9 of the reader cases (300 and 0.003 BTC; settled PnL); {_POSITIONS}, {_SUMMARIES}; other figures "
        f"made up on the shape; {_SEEN}"
    ),
    markets=(BTC_USDC, ETH_USDC),
    answers={
        "/private/get_positions": result(
            [
                _BTC_ROW,
                position(
                    "ETH_USDC-PERPETUAL",
                    direction="sell",
                    average_price=2900.0,
                    mark_price=3000.0,
                    index_price=2999.5,
                    settlement_price=3010.0,
                    size=-1500.0,
                    size_currency=-0.5,
                    delta=-0.5,
                    floating_profit_loss=5.0,
                    total_profit_loss=-50.0,
                    initial_margin=30.0,
                    maintenance_margin=15.0,
                    estimated_liquidation_price=3373.27,
                ),
            ]
        ),
        "/private/get_account_summaries": summaries(
            summary(
                "USDC",
                "segregated_sm",
                balance=200.0,
                equity=206.5,
                margin_balance=206.5,
                session_upl=6.5,
                futures_session_upl=6.5,
                futures_pl=-44.0,
                total_pl=-44.0,
                initial_margin=36.0,
                maintenance_margin=18.0,
                projected_initial_margin=36.0,
                projected_maintenance_margin=18.0,
                available_funds=170.5,
                available_withdrawal_funds=164.0,
                delta_total=-0.497,
                projected_delta_total=-0.497,
                delta_total_map={"btc_usdc": 0.003, "eth_usdc": -0.5},
            ),
            summary(
                "BTC",
                "segregated_sm",
                balance=0.25,
                equity=0.25,
                margin_balance=0.25,
                session_upl=0.0,
                futures_session_upl=0.0,
                futures_pl=0.0,
                total_pl=0.0,
                initial_margin=0.0,
                maintenance_margin=0.0,
                projected_initial_margin=0.0,
                projected_maintenance_margin=0.0,
                available_funds=0.25,
                available_withdrawal_funds=0.25,
                delta_total=0.0,
                projected_delta_total=0.0,
                delta_total_map={},
            ),
        ),
    },
    positions=(
        Facts(
            symbol="BTC_USDC-PERPETUAL",
            side="long",
            size=3.0,
            contract_size=0.001,
            entry_price=98000.0,
            mark_price=100000.0,
            margin_mode="cross",
            maintenance_margin=3.0,
            notional=300.0,
            unrealized_pnl=6.0,
            liquidation_price=36531.99,
        ),
        Facts(
            symbol="ETH_USDC-PERPETUAL",
            side="short",
            size=50.0,
            contract_size=0.01,
            entry_price=2900.0,
            mark_price=3000.0,
            margin_mode="cross",
            maintenance_margin=15.0,
            notional=1500.0,
            unrealized_pnl=-50.0,
            liquidation_price=3373.27,
        ),
    ),
    equities=(Equity(settle="USDC", amount=206.5, wallet_balance=250.5, maintenance_margin=18.0),),
    why={
        "size": "size is money, size_currency the amount: 0.003 BTC are 3 contracts of 0.001 BTC",
        "unrealized_pnl": (
            "total_profit_loss, since average_price; floating_profit_loss counts from the last daily settlement "
            "(settlement_price): 0.003 x (100000 - 99500) = 1.5"
        ),
        "wallet_balance": (
            "equity less the PnL since entry, 206.5 - 6 + 50; the balance of 200 already holds what was settled of it"
        ),
        "equities": "BTC backs nothing in USDC without cross collateral",
        "margin_mode": "the venue has no isolated margin; leverage is the greatest allowed, not the account's",
    },
)


def _collateral(model: str) -> dict[str, Any]:
    totals = {
        "total_equity_usd": 27006.0,
        "total_margin_balance_usd": 26506.0,
        "total_initial_margin_usd": 6.0,
        "total_maintenance_margin_usd": 3.0,
        "total_delta_total_usd": 25300.0,
    }
    return summaries(
        summary(
            "USDC",
            model,
            balance=2004.5,
            equity=2006.0,
            margin_balance=26506.0,
            session_upl=1.5,
            futures_session_upl=1.5,
            futures_pl=6.0,
            total_pl=6.0,
            initial_margin=6.0,
            maintenance_margin=3.0,
            projected_initial_margin=6.0,
            projected_maintenance_margin=3.0,
            available_funds=26500.0,
            available_withdrawal_funds=2004.5,
            delta_total=0.003,
            projected_delta_total=0.003,
            delta_total_map={"btc_usdc": 0.003},
            **totals,
        ),
        summary(
            "BTC",
            model,
            balance=0.25,
            equity=0.25,
            margin_balance=0.26506,
            session_upl=0.0,
            futures_session_upl=0.0,
            futures_pl=0.0,
            total_pl=0.0,
            initial_margin=0.00006,
            maintenance_margin=0.00003,
            projected_initial_margin=0.00006,
            projected_maintenance_margin=0.00003,
            available_funds=0.265,
            available_withdrawal_funds=0.25,
            delta_total=0.25,
            projected_delta_total=0.25,
            delta_total_map={},
            **totals,
        ),
    )


def _cross_collateral(mode: str, model: str) -> Sample:
    return Sample(
        venue="deribit",
        mode=mode,
        source=(
            f"{_POSITIONS}, {_SUMMARIES} with the totals of cross collateral users; models segregated_sm, "
            f"segregated_pm, cross_sm, cross_pm; figures made up on the shape; {_SEEN}"
        ),
        markets=(BTC_USDC,),
        answers={
            "/private/get_positions": result([{**_BTC_ROW, "estimated_liquidation_price": 0.0}]),
            "/private/get_account_summaries": _collateral(model),
        },
        positions=(
            Facts(
                symbol="BTC_USDC-PERPETUAL",
                side="long",
                size=3.0,
                contract_size=0.001,
                entry_price=98000.0,
                mark_price=100000.0,
                margin_mode="cross",
                maintenance_margin=3.0,
                notional=300.0,
                unrealized_pnl=6.0,
            ),
        ),
        equities=(
            Equity(settle="USDC", amount=26506.0, wallet_balance=26500.0, maintenance_margin=3.0, in_dollars=True),
        ),
        why={
            "equities": (
                "total_margin_balance_usd, of all currencies after their haircut, stands against "
                "total_maintenance_margin_usd; total_equity_usd is before the haircut, and the row's equity USDC "
                "alone. The row's own margin_balance is that total in the row's currency"
            ),
            "wallet_balance": "26506 less the PnL since entry",
        },
    )


SAMPLES: Final = (
    _SEGREGATED,
    _cross_collateral("standard margin, cross collateral, USDC", "cross_sm"),
    _cross_collateral("portfolio margin, cross collateral, USDC", "cross_pm"),
)
