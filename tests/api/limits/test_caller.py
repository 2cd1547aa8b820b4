"""The caller of a request: its key where it has a known one, else its address."""

import io
from collections.abc import Iterable
from typing import Any

import httpx

from adlrisk.venues.market_records import Lookup, MarketKey
from support.running import ADMIN_KEY, API_KEY, WRITABLE, RunningServer


def test_records_are_read_for_the_caller() -> None:
    """What a caller looks for in vain counts as its own, by key or address, whatever name it gives itself."""
    callers: list[str] = []

    async def look_up(keys: Iterable[MarketKey], *, caller: str = "") -> dict[MarketKey, Lookup]:
        callers.append(caller)
        return dict.fromkeys(keys, "absent")

    with RunningServer(WRITABLE, log=io.StringIO()) as running, httpx.Client(base_url=running.url) as client:
        live_rules: Any = running.app.context.live_rules
        live_rules.records = look_up
        for headers in ({}, {"x-forwarded-for": "192.0.2.7"}, {"x-api-key": API_KEY}, {"x-api-key": ADMIN_KEY}):
            assert client.get("/venues/okx/markets/X", headers=headers).status_code == 404
    stranger, forwarded, unknown, admin = callers
    assert stranger == forwarded == unknown == "address:127.0.0.1"
    assert admin.startswith("key:")
    assert ADMIN_KEY not in admin
