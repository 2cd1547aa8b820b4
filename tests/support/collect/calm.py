"""The stored history of a collector that has been running for a while."""

import time
from datetime import UTC, datetime

from adlrisk.collect.adapters.observation import Observation
from adlrisk.collect.record.history import MarketHistory
from adlrisk.venues.catalogue import load_catalogue
from support.redis_servers import RedisServer


def store_calm_history(redis: RedisServer) -> None:
    """Store 90 minutes of history until now, without liquidations at OKX and with a book 200,000 USDT deep."""
    history = MarketHistory(load_catalogue()["okx"].rules.conditions)
    now = time.time()
    for minute in range(-90, 0):
        since, until = now + 60.0 * minute, now + 60.0 * (minute + 1)
        history.add_liquidations(Observation(covered_since=datetime.fromtimestamp(since, UTC)), now=until)
        history.add_depths({100: 200_000.0}, now=until)
        history.judge_liquidation_spike(now=until)
    redis.client().set("adlrisk:collect:trail:okx:BTC-USDT-SWAP", history.encode())
