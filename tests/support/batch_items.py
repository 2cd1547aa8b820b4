"""Items of a batch at every venue, drawn with a seed: the same ones each time, in which whatever can occur does."""

import random
from collections.abc import Iterator
from typing import Any, Final

from adlrisk.domain.position.market import MaintenanceTier, MarketRecord
from adlrisk.domain.rules.card import VenueRules
from adlrisk.domain.rules.meter import LevelMeter
from adlrisk.venues.catalogue import load_catalogue
from adlrisk.venues.market_records import Lookup, StoredRecord
from support.running import WEDNESDAY

CATALOGUE: Final = load_catalogue()

_PRICES: Final = (0.00012, 100.0, 2000.0, 60_000.0)
# On, next to and far from what thresholds of profit and distance are.
_MOVES: Final = (1.0, 1.0000001, 0.97, 1.03, 1.0309278, 0.95, 1.05, 0.5, 2.0)
_LEVERAGES: Final = (1.0, 2.0, 5.0, 12.0, 14.99, 15.0, 20.0, 75.0)
_MARKET: Final[dict[str, tuple[Any, ...]]] = {
    "funding_rate": (0.0, -0.0, 0.0008, 0.001, -0.0012, 0.5),
    "funding_interval_hours": (1, 4, 8),
    "liquidation_spike": (True, False),
    "thin_liquidity": (True, False),
    "adl_trigger": (True, False),
    "insurance_fund": (0.0, -5.0, 50.0, 70.0, 85.0, 101.0),
    "fund_peak": (100.0,),
    "adl_rating": ("low", "medium", "high"),
    "settles_at": ("2026-11-18T11:00:00Z", "2026-11-18T17:20:00Z", "2026-11-19T12:00:00Z", "2027-01-01T00:00:00Z"),
    "open_interest_high": (True, False),
}
_SHARE_KNOWN: Final = 0.4
_RECORDS: Final = (
    MarketRecord(),
    MarketRecord(funding_rate=0.001, liquidation_spike=False, open_interest_high=True),
    MarketRecord(adl_trigger=True, insurance_fund=70.0, fund_peak=100.0, settles_at="2026-11-18T17:20:00Z"),
    MarketRecord(contract="linear", maintenance_tiers=(MaintenanceTier(rate=0.05),)),
)


def draw_items(each: int) -> Iterator[tuple[dict[str, Any], Lookup]]:
    """Yield that many items for each venue, with what the store says of their symbols; a few contradict the card."""
    chance = random.Random(34)  # noqa: S311 (chance, not secrets)
    for number in range(each):
        for venue in CATALOGUE.values():
            item = {
                "venue": venue.rules.id,
                "position": _draw_position(chance, venue.rules),
                "market": {
                    name: chance.choice(values) for name, values in _MARKET.items() if chance.random() < _SHARE_KNOWN
                },
                "as_of": chance.choice((None, "2026-11-18T12:00:00Z", "2026-11-21T21:00:00Z")),
                "id": chance.choice((None, f"candidate-{number}")),
            }
            if chance.random() < _SHARE_KNOWN:
                yield {**item, "symbol": "BTCUSDT"}, _draw_lookup(chance)
            else:
                yield item, "absent"


def _draw_lookup(chance: random.Random) -> Lookup:
    if chance.random() < _SHARE_KNOWN:
        return chance.choice(("absent", "unreadable"))
    return StoredRecord(market=chance.choice(_RECORDS), observed_at=WEDNESDAY, source="test", ttl_seconds=3600.0)


def _draw_position(chance: random.Random, rules: VenueRules) -> dict[str, Any]:
    entry, size = chance.choice(_PRICES), chance.choice((0.001, 1.0, 10.0, 1e6))
    inverse = chance.choice((*rules.contracts, *rules.contracts, "inverse")) == "inverse"
    notional = size / entry if inverse else size * entry
    part = notional / chance.choice((*_LEVERAGES, chance.uniform(1.0, 30.0)))
    backing = chance.choice(("margin", "leverage", "equity", "equity", None))
    position: dict[str, Any] = {
        "side": chance.choice(("long", "short")),
        "size": size,
        "entry_price": entry,
        "mark_price": entry * chance.choice((*_MOVES, chance.uniform(0.8, 1.2))),
        "contract": "inverse" if inverse else "linear",
        "maintenance_margin_rate": chance.choice((None, 0.004, 0.05, 0.5)),
        "adl_meter": _draw_reading(chance, rules),
        "adl_meter_before": _draw_reading(chance, rules),
    }
    if backing == "leverage":
        position["leverage"] = chance.choice(_LEVERAGES)
    elif backing is not None:
        position[backing] = part * (chance.choice((1, 1, 0, -1)) if backing == "equity" else 1)
    if chance.random() < _SHARE_KNOWN / 2:
        position["maintenance_margin"] = notional * chance.choice((0.004, 0.1, 1.0))
    return position


def _draw_reading(chance: random.Random, rules: VenueRules) -> float | None:
    """A reading of the venue's meter, mostly none where it has none; a few are not on its scale."""
    if isinstance(rules.meter, LevelMeter):
        return chance.choice((None, *rules.meter.levels, *rules.meter.none, *rules.meter.also_lowest))
    if rules.meter is None:
        return chance.choice((*[None] * 50, 1.0))
    return chance.choice((None, 0.0, 0.4, 0.5, 0.500000001, 0.75, 1.0, *rules.meter.none, 7.0))
