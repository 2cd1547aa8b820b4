"""What a collector leaves behind that has been listening for a while."""

import time
from datetime import UTC, datetime

from adlrisk.collect.adapters.observation import Finding
from adlrisk.collect.record.history import Trail
from adlrisk.venues.catalogue import load_catalogue
from support.redis_servers import RedisServer


def leave_calm(redis: RedisServer) -> None:
    """Leave the trail of 90 minutes until now in which OKX told no liquidation, its book 200,000 USDT deep."""
    trail = Trail(load_catalogue()["okx"].rules.conditions)
    now = time.time()
    for minute in range(-90, 0):
        since, until = now + 60.0 * minute, now + 60.0 * (minute + 1)
        trail.heard(Finding(covered_since=datetime.fromtimestamp(since, UTC)), now=until)
        trail.saw_depths({100: 200_000.0}, now=until)
        trail.liquidation_spike(now=until)
    redis.client().set("adlrisk:collect:trail:okx:BTC-USDT-SWAP", trail.encoded())
