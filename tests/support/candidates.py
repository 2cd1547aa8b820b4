"""Five hundred positions that a bot considers: at the mark, on either side, of several sizes and leverages."""

import itertools
from typing import Any, Final

_MARKS: Final = {
    ("binance", "BTCUSDT"): 96012.4,
    ("binance", "ETHUSDT"): 3391.17,
    ("binance", "SOLUSDT"): 181.32,
    ("bybit", "BTCUSDT"): 96008.9,
    ("bybit", "XRPUSDT"): 2.1883,
    ("okx", "BTC-USDT-SWAP"): 96010.1,
    ("okx", "DOGE-USDT-SWAP"): 0.38127,
    ("hyperliquid", "HYPE"): 31.512,
    ("gate", "BTC_USDT"): 96009.7,
    ("bitget", "ETHUSDT"): 3391.3,
}
_LEVERAGES: Final = (2, 3, 5, 10, 20)
_NOTIONALS: Final = (1_000, 2_500, 5_000, 10_000, 25_000)


def candidates() -> list[dict[str, Any]]:
    """Requests of ``POST /score`` for each of them."""
    return [
        {
            "venue": venue,
            "symbol": symbol,
            "position": {
                "side": side,
                "size": float(f"{notional / mark:.4g}"),
                "entry_price": mark,
                "mark_price": mark,
                "leverage": leverage,
            },
        }
        for ((venue, symbol), mark), side, leverage, notional in itertools.product(
            _MARKS.items(), ("long", "short"), _LEVERAGES, _NOTIONALS
        )
    ]
