"""What fills are, and the sums of those of one event."""

from typing import Any

import pytest

from adlrisk.domain.rules.classification import FillClassifier
from adlrisk.library import catalogue
from adlrisk.positions.fills.forced import judge_fills
from adlrisk.positions.fills.source import VenueFill


def fill(raw: dict[str, Any], **fields: Any) -> VenueFill:
    known = {"event": "1", "at": 1000.0, "symbol": "BTC", "reduced": "short", "size": 1.0, "price": 100.0}
    return VenueFill(raw=raw, **{**known, **fields})


def judge(venue: str, *fills: VenueFill) -> Any:
    return judge_fills(fills, FillClassifier(catalogue()[venue].rules.fills))


def test_fills_of_an_event_are_summed_by_position() -> None:
    """1 at 100 and 3 at 104 are 4 at 103, at the time of the last; another side, order or contract is another event."""
    adl = {"execType": "AdlTrade"}
    events, unknown = judge(
        "bybit",
        fill(adl),
        fill(adl, size=3.0, price=104.0, at=3000.0),
        fill(adl, reduced="long", at=4000.0),
        fill(adl, event="2", at=5000.0),
        fill(adl, symbol="ETH", at=6000.0),
        fill({"execType": "BustTrade"}, at=7000.0),
    )
    assert unknown == ()
    assert [(one.id, one.size, one.price, one.at) for one in events] == [
        ("adl:1:BTC:short", 4.0, 103.0, 3.0),
        ("adl:1:BTC:long", 1.0, 100.0, 4.0),
        ("adl:2:BTC:short", 1.0, 100.0, 5.0),
        ("adl:1:ETH:short", 1.0, 100.0, 6.0),
        ("liquidation:1:BTC:short", 1.0, 100.0, 7.0),
    ]


@pytest.mark.parametrize(
    ("unknown", "size", "price"), [({"size": None}, None, 100.0), ({"price": None}, 2.0, None)], ids=["size", "price"]
)
def test_sum_with_something_unknown_is_unknown(
    unknown: dict[str, None], size: float | None, price: float | None
) -> None:
    """A sum without one of its fills would be too small."""
    adl = {"execType": "AdlTrade"}
    (event,), _ = judge("bybit", fill(adl), fill(adl, **unknown))
    assert (event.size, event.price) == (size, price)


@pytest.mark.parametrize(
    ("venue", "raw", "kind"),
    [
        ("dydx", {"type": "OFFSETTING"}, "adl"),
        ("dydx", {"type": "DELEVERAGED"}, "liquidation"),
        ("kraken", {"fillType": "unwindCounterparty"}, "adl"),
        ("kraken", {"fillType": "unwindBankrupt"}, "liquidation"),
    ],
)
def test_leg_of_the_bankrupt_is_its_own_liquidation(venue: str, raw: dict[str, Any], kind: str) -> None:
    """Where an ADL has a fill for each side, only the holder's is an ADL of the account."""
    (event,), _ = judge(venue, fill(raw))
    assert (event.kind, event.note) == (kind, None)


def test_note_is_what_the_mark_leaves_open() -> None:
    """BitMEX marks both alike, so the event has the card's note; a mark that tells the side needs none."""
    (event,), _ = judge("bitmex", fill({"execType": "Liquidation"}))
    assert event.kind == "liquidation"
    assert event.note is not None
    assert "ADL" in event.note
    (whose,), _ = judge("delta", fill({"fill_type": "adl"}))
    assert (whose.kind, whose.note) == (
        "adl",
        "Whether it is the leg of the holder or of the bankrupt is not told by the venue's mark.",
    )
    (partly,), _ = judge("bitget", fill({"tradeSide": "reduce_close_short"}))
    assert (partly.kind, partly.note) == ("liquidation", None)


def test_list_that_is_the_mark_needs_no_rule() -> None:
    """What comes from a venue's list of ADLs is one, though its fields say nothing."""
    (event,), unknown = judge("gate", fill({"trade_size": -1}, listed_as="adl"))
    assert (event.kind, event.note, unknown) == ("adl", None, ())
