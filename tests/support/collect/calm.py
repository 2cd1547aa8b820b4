"""The stored history of a collector that has been running for a while."""

import time
from datetime import UTC, datetime
from typing import Final

from adlrisk.collect.adapters.observation import Observation
from adlrisk.collect.record.history import MarketHistory
from adlrisk.venues.catalogue import load_catalogue
from support.redis_servers import RedisServer

# Of the last two days, the mark of each six hours; the last is where the fake OKX has it.
CALM_MARKS: Final = (58_800.0, 59_400.0, 60_000.0, 60_600.0, 61_200.0, 60_600.0, 60_600.0, 60_000.0)
OPEN_INTEREST: Final = 2_125_419.0  # as the fake OKX has it

_TURNOVER: Final = 0.002  # of the open interest in two minutes
_MINUTES: Final = 360


def store_calm_history(redis: RedisServer) -> None:
    """Store the history of OKX until now: of its marks and open interest two days, of the rest 90 minutes.

    There were no liquidations, and the book was 200,000 USDT deep.
    """
    history = MarketHistory(load_catalogue()["okx"].rules.conditions)
    now = time.time()
    minutes = len(CALM_MARKS) * _MINUTES
    for minute in range(1 - minutes, 1):
        at = now + 60.0 * minute
        history.add_mark_price(CALM_MARKS[(minute + minutes - 1) // _MINUTES], now=at)
        history.add_open_interest(OPEN_INTEREST * (1.0 - _TURNOVER * (minute % 2)), now=at)
    for minute in range(-90, 0):
        since, until = now + 60.0 * minute, now + 60.0 * (minute + 1)
        history.add_liquidations(Observation(covered_since=datetime.fromtimestamp(since, UTC)), now=until)
        history.add_depths({100: 200_000.0}, now=until)
        history.judge_liquidation_spike(now=until)
    redis.client().set("adlrisk:collect:trail:okx:BTC-USDT-SWAP", history.encode())
