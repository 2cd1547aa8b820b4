"""Gate, API v4: classic futures account (old and new), hedge mode, bitcoin-settled (inverse), unified account."""

from typing import Any, Final

from support.positions.samples.perpetuals import perpetual
from support.positions.samples.sample import Equity, Facts, Sample

BTC_USDT: Final = perpetual("BTC_USDT", "BTC/USDT:USDT", 0.0001)
ETH_USDT: Final = perpetual("ETH_USDT", "ETH/USDT:USDT", 0.01)
BTC_USD: Final = perpetual("BTC_USD", "BTC/USD:BTC", 1.0)
MARKETS: Final = (BTC_USDT, ETH_USDT, BTC_USD)
PAGES: Final = (
    "Gate API v4, futures: Get user position list, Get futures account, fields and examples; seen 2026-11-28. "
    "The examples' figures do not agree with each other (size -9440 and PnL -0.0005), so figures were made up. "
)


def row(contract: str, size: str, **fields: Any) -> dict[str, Any]:
    """A row of the position list, with every field of the page."""
    return {
        "user": 10000,
        "contract": contract,
        "size": size,
        "leverage": "0",
        "risk_limit": "1000000",
        "leverage_max": "100",
        "maintenance_rate": "0.004",
        "value": "0",
        "margin": "0",
        "entry_price": "0",
        "liq_price": "0",
        "mark_price": "0",
        "initial_margin": "0",
        "maintenance_margin": "0",
        "unrealised_pnl": "0",
        "realised_pnl": "-0.5",
        "pnl_pnl": "0",
        "pnl_fund": "0",
        "pnl_fee": "-0.5",
        "history_pnl": "0",
        "last_close_pnl": "0",
        "realised_point": "0",
        "history_point": "0",
        "adl_ranking": 5,
        "pending_orders": 0,
        "close_order": None,
        "mode": "single",
        "cross_leverage_limit": "10",
        "update_time": 1764284994,
        "update_id": 1,
        "open_time": 1763284994,
        "risk_limit_table": "",
        "average_maintenance_rate": "0.004",
        "pid": 0,
        "pos_margin_mode": "cross",
        "lever": "10",
        **fields,
    }


HISTORY: Final = {
    "dnw": "10000",
    "pnl": "68.3685",
    "fee": "-1.645812875",
    "refr": "0",
    "fund": "-358.919120009855",
    "point_dnw": "0",
    "point_fee": "0",
    "point_refr": "0",
    "bonus_dnw": "0",
    "bonus_offset": "0",
}


def account(currency: str, total: str, **fields: Any) -> dict[str, Any]:
    """The futures account, with every field of the page (new classic account)."""
    return {
        "user": 1666,
        "currency": currency,
        "total": total,
        "unrealised_pnl": "0",
        "position_margin": "0",
        "order_margin": "0",
        "available": total,
        "point": "0",
        "bonus": "0",
        "in_dual_mode": False,
        "enable_credit": False,
        "position_initial_margin": "0",
        "maintenance_margin": "0",
        "enable_evolved_classic": False,
        "cross_initial_margin": "0",
        "cross_maintenance_margin": "0",
        "cross_order_margin": "0",
        "cross_unrealised_pnl": "0",
        "cross_available": "0",
        "cross_margin_balance": "0",
        "cross_mmr": "0",
        "cross_imr": "0",
        "isolated_position_margin": "0",
        "history": HISTORY,
        "enable_tiered_mm": True,
        "enable_new_dual_mode": True,
        "margin_mode": 0,
        "position_mode": "single",
        "enable_dual_plus": False,
        **fields,
    }


def detail(mode: int) -> dict[str, Any]:
    """The account's details; the key's mode is 1 for the classic and 2 for the unified account."""
    return {
        "user_id": 1666,
        "ip_whitelist": [],
        "currency_pairs": [],
        "key": {"mode": mode},
        "tier": 0,
        "tier_expire_time": "0001-01-01T00:00:00Z",
        "copy_trading_role": 0,
    }


def classic(
    usdt: list[dict[str, Any]],
    usdt_account: dict[str, Any],
    btc: list[dict[str, Any]] | None = None,
    btc_account: dict[str, Any] | None = None,
) -> dict[str, Any]:
    return {
        "/account/detail": detail(1),
        "/futures/usdt/positions": usdt,
        "/futures/usdt/accounts": usdt_account,
        "/futures/btc/positions": btc or [],
        "/futures/btc/accounts": btc_account or account("BTC", "0"),
    }


OLD_ROW: Final = row(
    "BTC_USDT",
    "100",
    entry_price="22322",
    mark_price="34694",
    value="346.94",
    unrealised_pnl="123.72",
    adl_ranking=1,
    cross_leverage_limit="0",
    lever="0",
)
OLD_ACCOUNT: Final = {
    "user": 1666,
    "currency": "USDT",
    "total": "500",
    "unrealised_pnl": "123.72",
    "position_margin": "0",
    "order_margin": "0",
    "available": "500",
    "point": "0",
    "bonus": "0",
    "in_dual_mode": False,
    "enable_credit": False,
    "position_initial_margin": "0",
    "maintenance_margin": "0",
    "history": HISTORY,
}
OLD_FACTS: Final = Facts(
    symbol="BTC_USDT",
    side="long",
    size=100.0,
    contract_size=0.0001,
    entry_price=22322.0,
    mark_price=34694.0,
    margin_mode="cross",
    maintenance_rate=0.004,
    notional=346.94,
    unrealized_pnl=123.72,
    adl_meter=1.0,
)
OLD_WHY: Final = {
    "adl_meter": "1 is reduced first, 5 last: the first in the queue.",
    "maintenance_margin": "0 of a held position is no figure: the old classic account does not fill the field.",
}

OLD_CROSS: Final = Sample(
    venue="gate",
    mode="classic account (old), cross margin, one-way, USDT",
    source=PAGES + "Row 12 of the reader cases (entry 22,322, mark 34,694, ranking 1, margin fields and leverage 0); "
    "size and account made up. Account fields: FuturesAccount of the SDK before the new classic account.",
    markets=MARKETS,
    answers=classic([OLD_ROW], OLD_ACCOUNT),
    positions=(OLD_FACTS,),
    equities=(Equity(settle="USDT", amount=623.72, wallet_balance=500.0),),
    why={
        **OLD_WHY,
        "equity": "total is without unrealized PnL: 500 + 123.72. No isolated position takes from it.",
    },
)

OLD_CROSS_WITHOUT_ACCOUNT: Final = Sample(
    venue="gate",
    mode="classic account (old), cross margin, one-way, USDT; the account is not answered",
    source=PAGES + "Row 12 of the reader cases without an answer to the account: leverage is unknown.",
    markets=MARKETS,
    answers={
        key: value
        for key, value in classic([OLD_ROW], OLD_ACCOUNT).items()
        if key not in ("/futures/usdt/accounts", "/account/detail")
    },
    positions=(OLD_FACTS,),
    equities=(Equity(settle="USDT", amount=None),),
    why={**OLD_WHY, "equity": "Nothing else says what backs the position; profit and ranking are known all the same."},
)

CROSS: Final = Sample(
    venue="gate",
    mode="classic account (new), cross and isolated margin, one-way, USDT",
    source=PAGES,
    markets=MARKETS,
    answers=classic(
        [
            row(
                "BTC_USDT",
                "1000",
                entry_price="60000",
                mark_price="61000",
                value="6100",
                margin="614.575",
                initial_margin="614.575",
                maintenance_margin="28.975",
                unrealised_pnl="100",
                liq_price="50238.6",
                adl_ranking=2,
            ),
            row(
                "ETH_USDT",
                "-100",
                leverage="10",
                entry_price="3000",
                mark_price="3100",
                value="3100",
                margin="303",
                initial_margin="312.325",
                maintenance_rate="0.005",
                average_maintenance_rate="0.005",
                maintenance_margin="17.825",
                unrealised_pnl="-100",
                liq_price="3284.12",
                adl_ranking=5,
                cross_leverage_limit="0",
                pos_margin_mode="isolated",
            ),
        ],
        account(
            "USDT",
            "1303",
            available="485.425",
            position_margin="303",
            cross_initial_margin="614.575",
            cross_maintenance_margin="28.975",
            cross_unrealised_pnl="100",
            cross_available="485.425",
            cross_margin_balance="1100",
            cross_mmr="37.9637",
            cross_imr="1.7899",
            isolated_position_margin="303",
        ),
    ),
    positions=(
        Facts(
            symbol="BTC_USDT",
            side="long",
            size=1000.0,
            contract_size=0.0001,
            entry_price=60000.0,
            mark_price=61000.0,
            margin_mode="cross",
            maintenance_margin=28.975,
            maintenance_rate=0.004,
            notional=6100.0,
            unrealized_pnl=100.0,
            liquidation_price=50238.6,
            adl_meter=2.0,
        ),
        Facts(
            symbol="ETH_USDT",
            side="short",
            size=100.0,
            contract_size=0.01,
            entry_price=3000.0,
            mark_price=3100.0,
            margin_mode="isolated",
            margin=303.0,
            maintenance_margin=17.825,
            maintenance_rate=0.005,
            notional=3100.0,
            unrealized_pnl=-100.0,
            liquidation_price=3284.12,
            adl_meter=5.0,
        ),
    ),
    equities=(Equity(settle="USDT", amount=1100.0, wallet_balance=1000.0, maintenance_margin=28.975),),
    why={
        "equity": "total 1303 (without PnL) - isolated 303 + PnL of the cross position 100 = cross_margin_balance. "
        "That it contains PnL is not in the page's words; total - isolated + cross_unrealised_pnl does not need it.",
        "margin": "margin of an isolated position is without PnL; liquidation where margin and PnL meet maintenance.",
        "maintenance_margin": "With the taker fee: 6100 x (0.004 + 0.00075) = 28.975. The rate alone is "
        "average_maintenance_rate, since maintenance is calculated in tiers.",
    },
)

HEDGE: Final = Sample(
    venue="gate",
    mode="classic account (new), cross margin, hedge mode (dual), USDT",
    source=PAGES
    + "An empty side is listed too (ranking 6), as the list holds all contracts unless asked for holdings.",
    markets=MARKETS,
    answers=classic(
        [
            row(
                "BTC_USDT",
                "5000",
                mode="dual_long",
                entry_price="58000",
                mark_price="60000",
                value="30000",
                margin="3022.5",
                initial_margin="3022.5",
                maintenance_margin="142.5",
                unrealised_pnl="1000",
                adl_ranking=1,
            ),
            row(
                "BTC_USDT",
                "-4000",
                mode="dual_short",
                entry_price="59000",
                mark_price="60000",
                value="24000",
                margin="2418",
                initial_margin="2418",
                maintenance_margin="114",
                unrealised_pnl="-400",
                adl_ranking=4,
            ),
            row("ETH_USDT", "0", mode="dual_long", mark_price="3000", adl_ranking=6),
        ],
        account(
            "USDT",
            "7000",
            unrealised_pnl="600",
            available="2159.5",
            in_dual_mode=True,
            position_mode="dual",
            cross_initial_margin="5440.5",
            cross_maintenance_margin="256.5",
            cross_unrealised_pnl="600",
            cross_available="2159.5",
            cross_margin_balance="7600",
            cross_mmr="29.6296",
            cross_imr="1.3969",
        ),
    ),
    positions=(
        Facts(
            symbol="BTC_USDT",
            side="long",
            size=5000.0,
            contract_size=0.0001,
            entry_price=58000.0,
            mark_price=60000.0,
            margin_mode="cross",
            maintenance_margin=142.5,
            maintenance_rate=0.004,
            notional=30000.0,
            unrealized_pnl=1000.0,
            adl_meter=1.0,
        ),
        Facts(
            symbol="BTC_USDT",
            side="short",
            size=4000.0,
            contract_size=0.0001,
            entry_price=59000.0,
            mark_price=60000.0,
            margin_mode="cross",
            maintenance_margin=114.0,
            maintenance_rate=0.004,
            notional=24000.0,
            unrealized_pnl=-400.0,
            adl_meter=4.0,
        ),
    ),
    equities=(Equity(settle="USDT", amount=7600.0, wallet_balance=7000.0, maintenance_margin=256.5),),
    why={"side": "mode dual_long or dual_short and the sign of size say the same.", "liquidation_price": "0: none."},
)

INVERSE_CROSS: Final = Sample(
    venue="gate",
    mode="classic account (new), cross margin, one-way, bitcoin-settled (inverse)",
    source=PAGES,
    markets=MARKETS,
    answers=classic(
        [],
        account("USDT", "0"),
        [
            row(
                "BTC_USD",
                "3000",
                entry_price="47000",
                mark_price="48000",
                value="0.0625",
                margin="0.006296875",
                initial_margin="0.006296875",
                maintenance_rate="0.005",
                average_maintenance_rate="0.005",
                maintenance_margin="0.000359375",
                unrealised_pnl="0.00132979",
                liq_price="26506.7",
                adl_ranking=3,
            )
        ],
        account(
            "BTC",
            "0.05",
            unrealised_pnl="0.00132979",
            cross_initial_margin="0.006296875",
            cross_maintenance_margin="0.000359375",
            cross_unrealised_pnl="0.00132979",
            cross_available="0.045032915",
            cross_margin_balance="0.05132979",
            cross_mmr="142.8307",
            cross_imr="8.1516",
        ),
    ),
    positions=(
        Facts(
            symbol="BTC_USD",
            side="long",
            size=3000.0,
            contract="inverse",
            entry_price=47000.0,
            mark_price=48000.0,
            margin_mode="cross",
            maintenance_margin=0.000359375,
            maintenance_rate=0.005,
            notional=0.0625,
            unrealized_pnl=0.00132979,
            liquidation_price=26506.7,
            adl_meter=3.0,
        ),
    ),
    equities=(Equity(settle="BTC", amount=0.05132979, wallet_balance=0.05, maintenance_margin=0.000359375),),
    why={"size": "One contract is 1 USD (quanto_multiplier 0); value and margins are in BTC: 3000 / 48000 = 0.0625."},
)

INVERSE_ISOLATED: Final = Sample(
    venue="gate",
    mode="classic account (new), isolated margin, one-way, bitcoin-settled (inverse)",
    source=PAGES,
    markets=MARKETS,
    answers=classic(
        [],
        account("USDT", "0"),
        [
            row(
                "BTC_USD",
                "-5000",
                leverage="10",
                entry_price="50000",
                mark_price="48000",
                value="0.10416667",
                margin="0.0105",
                initial_margin="0.01049479",
                maintenance_rate="0.005",
                average_maintenance_rate="0.005",
                maintenance_margin="0.00059896",
                unrealised_pnl="0.00416667",
                liq_price="55544.7",
                adl_ranking=2,
                cross_leverage_limit="0",
                pos_margin_mode="isolated",
            )
        ],
        account(
            "BTC",
            "0.03",
            unrealised_pnl="0.00416667",
            position_margin="0.0105",
            available="0.0195",
            cross_available="0.0195",
            cross_margin_balance="0.0195",
            isolated_position_margin="0.0105",
        ),
    ),
    positions=(
        Facts(
            symbol="BTC_USD",
            side="short",
            size=5000.0,
            contract="inverse",
            entry_price=50000.0,
            mark_price=48000.0,
            margin_mode="isolated",
            margin=0.0105,
            maintenance_margin=0.00059896,
            maintenance_rate=0.005,
            notional=0.10416667,
            unrealized_pnl=0.00416667,
            liquidation_price=55544.7,
            adl_meter=2.0,
        ),
    ),
)


def balance(equity: str, **fields: Any) -> dict[str, Any]:
    """A currency of the unified account, with every field of the page."""
    return {
        "available": "0",
        "freeze": "0",
        "borrowed": "0",
        "negative_liab": "0",
        "futures_pos_liab": "0",
        "equity": equity,
        "total_freeze": "0",
        "total_liab": "0",
        "spot_in_use": "0",
        "funding": "0",
        "funding_version": "0",
        "cross_balance": "0",
        "iso_balance": "0",
        "im": "0",
        "mm": "0",
        "imr": "0",
        "mmr": "0",
        "margin_balance": "0",
        "available_margin": "0",
        "enabled_collateral": True,
        **fields,
    }


def unified(balances: dict[str, Any], **totals: str) -> dict[str, Any]:
    names = (
        "total",
        "borrowed",
        "total_initial_margin",
        "total_margin_balance",
        "total_maintenance_margin",
        "total_initial_margin_rate",
        "total_maintenance_margin_rate",
        "total_available_margin",
        "unified_account_total",
        "unified_account_total_liab",
        "unified_account_total_equity",
    )
    return {
        "user_id": 1666,
        "refresh_time": 1764288000,
        "locked": False,
        "balances": balances,
        **dict.fromkeys(names, "0"),
        **totals,
        "leverage": "3",
        "spot_order_loss": "0",
        "options_order_loss": "0",
        "spot_hedge": False,
        "use_funding": False,
        "is_all_collateral": True,
    }


UNIFIED_ROW: Final = row(
    "BTC_USDT",
    "-2000",
    entry_price="60000",
    mark_price="61000",
    value="12200",
    initial_margin="1229.15",
    maintenance_margin="57.95",
    unrealised_pnl="-200",
    adl_ranking=5,
)
UNIFIED_FACTS: Final = Facts(
    symbol="BTC_USDT",
    side="short",
    size=2000.0,
    contract_size=0.0001,
    entry_price=60000.0,
    mark_price=61000.0,
    margin_mode="cross",
    maintenance_margin=57.95,
    maintenance_rate=0.004,
    notional=12200.0,
    unrealized_pnl=-200.0,
    adl_meter=5.0,
)


def unified_sample(*, mode: str, futures_mode: int, words: str) -> Sample:
    """Multi-currency and portfolio margin answer alike: all in dollars."""
    return Sample(
        venue="gate",
        mode=f"unified account, {words}, cross margin, one-way, USDT",
        source=PAGES + "Unified account: Get unified account information (fields and example; its rates are margin "
        "balance over margin), Query mode of the unified account; figures made up on the shape.",
        markets=MARKETS,
        answers={
            "/account/detail": detail(2),
            "/unified/unified_mode": {"mode": mode, "settings": {"usdt_futures": True, "spot_hedge": False}},
            "/futures/usdt/positions": [UNIFIED_ROW],
            "/futures/usdt/accounts": account(
                "USDT",
                "0",
                unrealised_pnl="-200",
                available="1520.85",
                enable_credit=True,
                position_initial_margin="1229.15",
                maintenance_margin="57.95",
                margin_mode=futures_mode,
                cross_available="1520.85",
            ),
            "/futures/btc/positions": [],
            "/futures/btc/accounts": account("BTC", "0"),
            "/unified/accounts": unified(
                {
                    "USDT": balance("1800", available="2000", cross_balance="2000"),
                    "ETH": balance("0.5", available="0.5"),
                },
                total="3500",
                total_initial_margin="1229.15",
                total_margin_balance="3225",
                total_maintenance_margin="57.95",
                total_initial_margin_rate="2.6238",
                total_maintenance_margin_rate="55.6514",
                total_available_margin="1995.85",
                unified_account_total="3300",
                unified_account_total_equity="3300",
            ),
        },
        positions=(UNIFIED_FACTS,),
        equities=(Equity(settle="USDT", amount=3225.0, maintenance_margin=57.95, in_dollars=True),),
        why={
            "equity": "total_margin_balance: collateral of all currencies in dollars after discount (ETH 1500 x 0.95 = "
            "1425), USDT equity 1800 with PnL; unified_account_total_equity is without the discount. total of the "
            "futures account does not apply to the unified account. Without PnL it is not published.",
            "maintenance_margin": "Of the account; without borrowing it is that of the positions.",
        },
    )


SINGLE_CURRENCY: Final = Sample(
    venue="gate",
    mode="unified account, single-currency margin, cross margin, one-way, USDT",
    source=PAGES + "Unified account: Get unified account information (margin_balance, mm, im of a currency in the "
    "single-currency mode); figures made up on the shape.",
    markets=MARKETS,
    answers={
        "/account/detail": detail(2),
        "/unified/unified_mode": {"mode": "single_currency", "settings": {"usdt_futures": True}},
        "/futures/usdt/positions": [UNIFIED_ROW],
        "/futures/usdt/accounts": account(
            "USDT",
            "0",
            unrealised_pnl="-200",
            available="570.85",
            enable_credit=True,
            position_initial_margin="1229.15",
            maintenance_margin="57.95",
            margin_mode=3,
            cross_available="570.85",
        ),
        "/futures/btc/positions": [],
        "/futures/btc/accounts": account("BTC", "0"),
        "/unified/accounts": unified(
            {
                "USDT": balance(
                    "1800",
                    available="2000",
                    cross_balance="2000",
                    im="1229.15",
                    mm="57.95",
                    imr="1.4644",
                    mmr="31.0612",
                    margin_balance="1800",
                    available_margin="570.85",
                ),
                "ETH": balance("0.5", available="0.5"),
            },
            total="3500",
            unified_account_total="3300",
            unified_account_total_equity="3300",
        ),
    },
    positions=(UNIFIED_FACTS,),
    equities=(Equity(settle="USDT", amount=1800.0, maintenance_margin=57.95),),
    why={
        "equity": "In the single-currency mode only the currency's own margin_balance backs its contracts; the totals "
        "of the account do not apply.",
    },
)

SAMPLES: Final = (
    OLD_CROSS,
    OLD_CROSS_WITHOUT_ACCOUNT,
    CROSS,
    HEDGE,
    INVERSE_CROSS,
    INVERSE_ISOLATED,
    unified_sample(mode="multi_currency", futures_mode=1, words="multi-currency margin"),
    unified_sample(mode="portfolio", futures_mode=2, words="portfolio margin"),
    SINGLE_CURRENCY,
)
