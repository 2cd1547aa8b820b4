"""The lists of fills of every exchange that is asked for them, and why the others are not."""

from collections.abc import Mapping
from typing import Final

from adlrisk.positions.fills.binance import BINANCE, BINANCE_COINM
from adlrisk.positions.fills.bingx import BINGX
from adlrisk.positions.fills.bitget import BITGET
from adlrisk.positions.fills.blofin import BLOFIN
from adlrisk.positions.fills.bybit import BYBIT
from adlrisk.positions.fills.deribit import DERIBIT, DERIBIT_INVERSE
from adlrisk.positions.fills.dydx import DYDX
from adlrisk.positions.fills.gate import GATE
from adlrisk.positions.fills.hyperliquid import HYPERLIQUID
from adlrisk.positions.fills.kraken import KRAKEN
from adlrisk.positions.fills.kucoin import KUCOIN
from adlrisk.positions.fills.mexc import MEXC
from adlrisk.positions.fills.okx import OKX
from adlrisk.positions.fills.source import FillList

# By the name of the exchange, as in READERS.
FILL_LISTS: Final[Mapping[str, tuple[FillList, ...]]] = {
    "binance": BINANCE,
    "binance_coinm": BINANCE_COINM,
    "bingx": BINGX,
    "bitget": BITGET,
    "blofin": BLOFIN,
    "bybit": BYBIT,
    "deribit": DERIBIT,
    "deribit_inverse": DERIBIT_INVERSE,
    "dydx": DYDX,
    "gate": GATE,
    "hyperliquid": HYPERLIQUID,
    "kraken": KRAKEN,
    "kucoin": KUCOIN,
    "mexc": MEXC,
    "okx": OKX,
}
