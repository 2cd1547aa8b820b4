"""The reader of every exchange whose positions can be read, by the card's id or ccxt's where a card has several."""

from collections.abc import Mapping
from typing import Final

from adlrisk.positions.readers.backpack import BACKPACK
from adlrisk.positions.readers.binance import BINANCE, BINANCE_COINM
from adlrisk.positions.readers.bingx import BINGX
from adlrisk.positions.readers.bitget import BITGET
from adlrisk.positions.readers.bitmex import BITMEX
from adlrisk.positions.readers.blofin import BLOFIN
from adlrisk.positions.readers.bybit import BYBIT
from adlrisk.positions.readers.cryptocom import CRYPTOCOM
from adlrisk.positions.readers.deepcoin import DEEPCOIN
from adlrisk.positions.readers.delta import DELTA
from adlrisk.positions.readers.deribit import DERIBIT
from adlrisk.positions.readers.dydx import DYDX
from adlrisk.positions.readers.extended import EXTENDED
from adlrisk.positions.readers.gate import GATE
from adlrisk.positions.readers.htx import HTX
from adlrisk.positions.readers.hyperliquid import HYPERLIQUID
from adlrisk.positions.readers.kraken import KRAKEN
from adlrisk.positions.readers.kucoin import KUCOIN
from adlrisk.positions.readers.mexc import MEXC
from adlrisk.positions.readers.okx import OKX
from adlrisk.positions.readers.pacifica import PACIFICA
from adlrisk.positions.readers.phemex import PHEMEX
from adlrisk.positions.readers.poloniex import POLONIEX
from adlrisk.positions.readers.reader import Reader
from adlrisk.positions.readers.toobit import TOOBIT
from adlrisk.positions.readers.whitebit import WHITEBIT
from adlrisk.positions.readers.xt import XT

READERS: Final[Mapping[str, Reader]] = {
    "backpack": BACKPACK,
    "binance": BINANCE,
    "binance_coinm": BINANCE_COINM,
    "bingx": BINGX,
    "bitget": BITGET,
    "bitmex": BITMEX,
    "blofin": BLOFIN,
    "bybit": BYBIT,
    "cryptocom": CRYPTOCOM,
    "deepcoin": DEEPCOIN,
    "delta": DELTA,
    "deribit": DERIBIT,
    "deribit_inverse": DERIBIT,
    "dydx": DYDX,
    "extended": EXTENDED,
    "gate": GATE,
    "htx": HTX,
    "hyperliquid": HYPERLIQUID,
    "kraken": KRAKEN,
    "kucoin": KUCOIN,
    "mexc": MEXC,
    "okx": OKX,
    "pacifica": PACIFICA,
    "phemex": PHEMEX,
    "poloniex": POLONIEX,
    "toobit": TOOBIT,
    "whitebit": WHITEBIT,
    "xt": XT,
}
