"""The reader of every exchange whose positions can be read, by the card's id or ccxt's where a card has several."""

from collections.abc import Mapping
from typing import Final

from adlrisk.positions.readers.binance import BINANCE, BINANCE_COINM
from adlrisk.positions.readers.bitget import BITGET
from adlrisk.positions.readers.bybit import BYBIT
from adlrisk.positions.readers.okx import OKX
from adlrisk.positions.readers.reader import Reader

READERS: Final[Mapping[str, Reader]] = {
    "binance": BINANCE,
    "binance_coinm": BINANCE_COINM,
    "bitget": BITGET,
    "bybit": BYBIT,
    "okx": OKX,
}
