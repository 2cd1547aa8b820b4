"""Deribit's coin-settled (inverse) perpetuals: what its documentation shows of accounts."""

from typing import Final

from support.positions.samples.deribit import position, result, summaries, summary
from support.positions.samples.perpetuals import perpetual
from support.positions.samples.sample import Equity, Facts, Sample

_SEEN: Final = "seen 2026-11-28"
_POSITIONS: Final = "Deribit API v2, private/get_positions, private/get_account_summaries"

_BTC: Final = perpetual("BTC-PERPETUAL", "BTC/USD:BTC", contract_size=10.0)
_ETH: Final = perpetual("ETH-PERPETUAL", "ETH/USD:ETH")

_ROWS: Final = Sample(
    venue="deribit_inverse",
    mode="standard margin, no cross collateral, BTC and ETH",
    source=f"rows 7 and 9 of the reader cases, completed; {_POSITIONS}; {_SEEN}",
    markets=(_BTC, _ETH),
    answers={
        "/private/get_positions": result(
            [
                position(
                    "BTC-PERPETUAL",
                    direction="buy",
                    average_price=112585.87,
                    mark_price=109266.97,
                    index_price=109260.11,
                    settlement_price=109351.2,
                    size=40.0,
                    size_currency=0.000366076,
                    delta=0.000366076,
                    floating_profit_loss=-2.82e-7,
                    total_profit_loss=-1.079e-5,
                    initial_margin=7.32e-6,
                    maintenance_margin=3.66e-6,
                    estimated_liquidation_price=17074.69,
                ),
                position(
                    "ETH-PERPETUAL",
                    direction="sell",
                    average_price=2700.0,
                    mark_price=2614.38,
                    index_price=2614.01,
                    settlement_price=2640.0,
                    size=-120.0,
                    size_currency=-0.0459,
                    delta=-0.0459,
                    floating_profit_loss=0.000445456,
                    total_profit_loss=0.001455559,
                    initial_margin=0.000918,
                    maintenance_margin=0.000459,
                    estimated_liquidation_price=4586.87,
                ),
            ]
        ),
        "/private/get_account_summaries": summaries(
            summary(
                "BTC",
                "segregated_sm",
                balance=0.002000282,
                equity=0.002,
                margin_balance=0.002,
                session_upl=-2.82e-7,
                futures_session_upl=-2.82e-7,
                futures_pl=-1.079e-5,
                total_pl=-1.079e-5,
                initial_margin=7.32e-6,
                maintenance_margin=3.66e-6,
                projected_initial_margin=7.32e-6,
                projected_maintenance_margin=3.66e-6,
                available_funds=0.00199268,
                available_withdrawal_funds=0.00199268,
                delta_total=0.002366076,
                projected_delta_total=0.002366076,
                delta_total_map={"btc_usd": 0.002366076},
            ),
            summary(
                "ETH",
                "segregated_sm",
                balance=0.019554544,
                equity=0.02,
                margin_balance=0.02,
                session_upl=0.000445456,
                futures_session_upl=0.000445456,
                futures_pl=0.001455559,
                total_pl=0.001455559,
                initial_margin=0.000918,
                maintenance_margin=0.000459,
                projected_initial_margin=0.000918,
                projected_maintenance_margin=0.000459,
                available_funds=0.019082,
                available_withdrawal_funds=0.018636544,
                delta_total=-0.0259,
                projected_delta_total=-0.0259,
                delta_total_map={"eth_usd": -0.0259},
            ),
        ),
    },
    positions=(
        Facts(
            symbol="BTC-PERPETUAL",
            side="long",
            size=4.0,
            contract="inverse",
            contract_size=10.0,
            entry_price=112585.87,
            mark_price=109266.97,
            margin_mode="cross",
            maintenance_margin=3.66e-6,
            notional=0.000366076,
            unrealized_pnl=-1.079e-5,
            liquidation_price=17074.69,
        ),
        Facts(
            symbol="ETH-PERPETUAL",
            side="short",
            size=120.0,
            contract="inverse",
            entry_price=2700.0,
            mark_price=2614.38,
            margin_mode="cross",
            maintenance_margin=0.000459,
            notional=0.0459,
            unrealized_pnl=0.001455559,
            liquidation_price=4586.87,
        ),
    ),
    equities=(
        Equity(settle="BTC", amount=0.002, wallet_balance=0.00201079, maintenance_margin=3.66e-6),
        Equity(settle="ETH", amount=0.02, wallet_balance=0.018544441, maintenance_margin=0.000459),
    ),
    why={
        "size": "size is USD here, size_currency the coin; 40 USD are 4 contracts of 10, 120 USD 120 contracts of 1",
        "BTC-PERPETUAL.unrealized_pnl": (
            "total_profit_loss: 40/112585.87 - 40/109266.97 = -1.0791e-5; floating_profit_loss is since the settlement "
            "at 109,351.2"
        ),
        "ETH-PERPETUAL.side": "size and size_currency of a short are negative; direction says sell",
        "wallet_balance": "equity less the PnL since entry; the balance already holds what was settled of it",
    },
)

_CROSS: Final = Sample(
    venue="deribit_inverse",
    mode="standard margin, cross collateral, BTC",
    source=f"{_POSITIONS}, totals of cross collateral users; figures made up on the shape; {_SEEN}",
    markets=(_BTC,),
    answers={
        "/private/get_positions": result(
            [
                position(
                    "BTC-PERPETUAL",
                    direction="sell",
                    average_price=105000.0,
                    mark_price=100000.0,
                    index_price=99990.0,
                    settlement_price=101000.0,
                    size=-10000.0,
                    size_currency=-0.1,
                    delta=-0.1,
                    floating_profit_loss=0.000990099,
                    total_profit_loss=0.004761905,
                    initial_margin=0.002,
                    maintenance_margin=0.001,
                    estimated_liquidation_price=0.0,
                )
            ]
        ),
        "/private/get_account_summaries": summaries(
            summary(
                "BTC",
                "cross_sm",
                balance=0.01,
                equity=0.010990099,
                margin_balance=0.06,
                session_upl=0.000990099,
                futures_session_upl=0.000990099,
                futures_pl=0.004761905,
                total_pl=0.004761905,
                initial_margin=0.002,
                maintenance_margin=0.001,
                projected_initial_margin=0.002,
                projected_maintenance_margin=0.001,
                available_funds=0.058,
                available_withdrawal_funds=0.01,
                delta_total=-0.089009901,
                projected_delta_total=-0.089009901,
                delta_total_map={"btc_usd": -0.089009901},
                total_equity_usd=6099.01,
                total_margin_balance_usd=6000.0,
                total_initial_margin_usd=200.0,
                total_maintenance_margin_usd=100.0,
                total_delta_total_usd=-8900.99,
            )
        ),
    },
    positions=(
        Facts(
            symbol="BTC-PERPETUAL",
            side="short",
            size=1000.0,
            contract="inverse",
            contract_size=10.0,
            entry_price=105000.0,
            mark_price=100000.0,
            margin_mode="cross",
            maintenance_margin=0.001,
            notional=0.1,
            unrealized_pnl=0.004761905,
        ),
    ),
    equities=(Equity(settle="BTC", amount=6000.0, maintenance_margin=100.0, in_dollars=True),),
    why={
        "equities": (
            "total_margin_balance_usd and total_maintenance_margin_usd, in dollars; positions of this account are in "
            "coins, so a wallet balance would need the coin's price (0.004761905 BTC of PnL)"
        ),
    },
)

SAMPLES: Final = (_ROWS, _CROSS)
