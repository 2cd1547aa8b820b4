"""The venue adapters: one module for each venue, with the calls it answers and how the answers are parsed."""

from typing import Final

from adlrisk.collect.adapters import binance, bybit, gate, hyperliquid, okx
from adlrisk.collect.adapters.source import Source

SOURCES: Final[dict[str, Source]] = {
    source.venue: source
    for source in (binance.LINEAR, binance.INVERSE, bybit.SOURCE, okx.SOURCE, gate.SOURCE, hyperliquid.SOURCE)
}
