"""BloFin: cross and isolated positions beside each other; equity by currency, isolated equity included."""

from typing import Any, Final

from support.positions.samples.perpetuals import perpetual
from support.positions.samples.sample import Equity, Facts, Sample

ETH = perpetual("ETH-USDT", "ETH/USDT:USDT", 0.1)
BCH = perpetual("BCH-USDT", "BCH/USDT:USDT", 0.01)
BTC = perpetual("BTC-USDT", "BTC/USDT:USDT", 0.001)


def success(data: Any) -> dict[str, Any]:
    return {"code": "0", "msg": "success", "data": data}


EQUITY = (
    "equity − isolatedEquity of the currency: in the example of the balance frozen (15805.1497) = orderFrozen "
    "(14920.9945) + isolated margin (884.1552 = isolatedEquity 862.0032 + 22.152 of loss), and available "
    "(9996399.4709) + orderFrozen + isolatedEquity leaves 1860.52 of equity, the initial margin of the cross positions "
    "(1826.03 of it in the example of positions): so isolated equity is in equity, and cross PnL too"
)
MAINTENANCE = "not published for the account; the sum of the cross positions' own"
WALLET = "balance is not said to be with or without the margin of isolated positions"

SAMPLES: Final = (
    Sample(
        venue="blofin",
        mode="net mode, an isolated long and a cross short",
        source=(
            "BloFin API, GET Positions, response example (both positions, every figure); GET Futures Account Balance "
            "in its shape, with figures made to fit these positions, since the examples are of different times; GET "
            "Position Mode; seen 2026-11-28 in a copy of the reference"
        ),
        markets=(ETH, BCH),
        answers={
            "/api/v1/account/positions": success(
                [
                    {
                        "positionId": "7982",
                        "instId": "ETH-USDT",
                        "instType": "SWAP",
                        "marginMode": "isolated",
                        "positionSide": "net",
                        "adl": "5",
                        "positions": "1",
                        "availablePositions": "1",
                        "averagePrice": "1591.800000000000000000",
                        "margin": "53.060000000000000000",
                        "markPrice": "1591.69",
                        "marginRatio": "72.453752328329172684",
                        "liquidationPrice": "1066.104078762306610407",
                        "unrealizedPnl": "-0.011",
                        "unrealizedPnlRatio": "-0.000207312476441764",
                        "maintenanceMargin": "0.636676",
                        "createTime": "1695352782370",
                        "updateTime": "1695352782372",
                        "leverage": "3",
                    },
                    {
                        "positionId": "5483",
                        "instId": "BCH-USDT",
                        "instType": "SWAP",
                        "marginMode": "cross",
                        "positionSide": "net",
                        "adl": "5",
                        "positions": "-290",
                        "availablePositions": "290",
                        "averagePrice": "1890.000000000000000000",
                        "markPrice": "1889",
                        "marginRatio": "172426.851188979265788635",
                        "liquidationPrice": "3418227.599542259480103079",
                        "unrealizedPnl": "2.9",
                        "unrealizedPnlRatio": "0.001587301587301587",
                        "initialMargin": "1826.033333333333333333",
                        "maintenanceMargin": "54.781",
                        "createTime": "1695090016933",
                        "updateTime": "1695090016931",
                        "leverage": "3",
                    },
                ]
            ),
            "/api/v1/account/balance": success(
                {
                    "ts": "1697021343571",
                    "totalEquity": "10012511.30",
                    "isolatedEquity": "53.049",
                    "details": [
                        {
                            "currency": "USDT",
                            "equity": "10012511.304",
                            "balance": "10012508.415",
                            "ts": "1697021343571",
                            "isolatedEquity": "53.049",
                            "available": "10010632.221666666667",
                            "availableEquity": "10010632.221666666667",
                            "frozen": "53.06",
                            "orderFrozen": "0",
                            "equityUsd": "10012511.30",
                            "isolatedUnrealizedPnl": "-0.011",
                            "bonus": "0",
                        },
                    ],
                }
            ),
            "/api/v1/account/position-mode": success({"positionMode": "net_mode"}),
        },
        positions=(
            Facts(
                symbol="ETH-USDT",
                side="long",
                size=1.0,
                contract_size=0.1,
                entry_price=1591.8,
                mark_price=1591.69,
                margin_mode="isolated",
                margin=53.06,
                maintenance_margin=0.636676,
                unrealized_pnl=-0.011,
                liquidation_price=1066.104078762306610407,
            ),
            Facts(
                symbol="BCH-USDT",
                side="short",
                size=290.0,
                contract_size=0.01,
                entry_price=1890.0,
                mark_price=1889.0,
                margin_mode="cross",
                maintenance_margin=54.781,
                unrealized_pnl=2.9,
                liquidation_price=3418227.599542259480103079,
            ),
        ),
        equities=(Equity(settle="USDT", amount=10012458.255),),
        why={
            "contract_size": "0.1 ETH and 0.01 BCH: (1591.69 − 1591.8) · 0.1 = −0.011; (1890 − 1889) · 2.9 = 2.9",
            "margin": (
                "without PnL: 53.06 = 1591.8 · 0.1 / 3, and marginRatio 72.4538 = (53.06 − 0.011) / (0.636676 + "
                "159.169 · 0.0006): over maintenance margin and the fee of liquidation"
            ),
            "amount": EQUITY
            + ". 10012458.255 is what the short's own figures say: its marginRatio 172426.85 · (54.781 + "
            "5478.1 · 0.0006), and E − 2.9 · (P − 1889) = 2.9 · P · 0.0106 at its liquidation price",
            "maintenance_margin": MAINTENANCE,
            "wallet_balance": WALLET,
            "adl_meter": "the scale of `adl` is not documented, the card has no meter",
        },
    ),
    Sample(
        venue="blofin",
        mode="long-short mode, both sides cross",
        source=(
            "BloFin API, GET Positions (positionSide long and short), GET Futures Account Balance, GET Position Mode; "
            "seen 2026-11-28 in a copy of the reference; figures made up with the ratios of its examples"
        ),
        markets=(BTC,),
        answers={
            "/api/v1/account/positions": success(
                [
                    {
                        "positionId": "9001",
                        "instId": "BTC-USDT",
                        "instType": "SWAP",
                        "marginMode": "cross",
                        "positionSide": "long",
                        "adl": "4",
                        "positions": "100",
                        "availablePositions": "100",
                        "averagePrice": "60000",
                        "markPrice": "62000",
                        "marginRatio": "38.402457757296466973",
                        "liquidationPrice": "22375.915378356387306753",
                        "unrealizedPnl": "200",
                        "unrealizedPnlRatio": "0.333333333333333333",
                        "initialMargin": "620",
                        "maintenanceMargin": "31",
                        "createTime": "1795090016933",
                        "updateTime": "1795090016931",
                        "leverage": "10",
                    },
                    {
                        "positionId": "9002",
                        "instId": "BTC-USDT",
                        "instType": "SWAP",
                        "marginMode": "cross",
                        "positionSide": "short",
                        "adl": "1",
                        "positions": "50",
                        "availablePositions": "50",
                        "averagePrice": "61000",
                        "markPrice": "62000",
                        "marginRatio": "38.402457757296466973",
                        "liquidationPrice": "",
                        "unrealizedPnl": "-50",
                        "unrealizedPnlRatio": "-0.163934426229508196",
                        "initialMargin": "310",
                        "maintenanceMargin": "15.5",
                        "createTime": "1795090016935",
                        "updateTime": "1795090016936",
                        "leverage": "10",
                    },
                ]
            ),
            "/api/v1/account/balance": success(
                {
                    "ts": "1797021343571",
                    "totalEquity": "1999.4",
                    "isolatedEquity": "0",
                    "details": [
                        {
                            "currency": "USDT",
                            "equity": "2000",
                            "balance": "1850",
                            "ts": "1797021343571",
                            "isolatedEquity": "0",
                            "available": "1070",
                            "availableEquity": "1070",
                            "frozen": "0",
                            "orderFrozen": "0",
                            "equityUsd": "1999.4",
                            "isolatedUnrealizedPnl": "0",
                            "bonus": "0",
                        },
                    ],
                }
            ),
            "/api/v1/account/position-mode": success({"positionMode": "long_short_mode"}),
        },
        positions=(
            Facts(
                symbol="BTC-USDT",
                side="long",
                size=100.0,
                contract_size=0.001,
                entry_price=60000.0,
                mark_price=62000.0,
                margin_mode="cross",
                maintenance_margin=31.0,
                unrealized_pnl=200.0,
                liquidation_price=22375.915378356387306753,
            ),
            Facts(
                symbol="BTC-USDT",
                side="short",
                size=50.0,
                contract_size=0.001,
                entry_price=61000.0,
                mark_price=62000.0,
                margin_mode="cross",
                maintenance_margin=15.5,
                unrealized_pnl=-50.0,
                liquidation_price=None,
            ),
        ),
        equities=(Equity(settle="USDT", amount=2000.0),),
        why={
            "amount": EQUITY + ". totalEquity and equityUsd are in dollars, equity in the currency",
            "maintenance_margin": MAINTENANCE,
            "wallet_balance": WALLET,
            "liquidation_price": (
                "2000 + 0.05 · (P − 62000) = 0.15 · P · (0.005 + 0.0006), P = 22375.92; the short side has none"
            ),
        },
    ),
)
