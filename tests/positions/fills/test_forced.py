"""What fills are: forced ones with their kind, their id and what is not told of them."""

from typing import Any

import pytest

from adlrisk.domain.rules.classification import FillClassifier
from adlrisk.library import catalogue
from adlrisk.positions.fills.forced import judge_fills
from adlrisk.positions.fills.source import VenueFill, closed_side


def fill(raw: dict[str, Any], **fields: Any) -> VenueFill:
    known = {"id": "1", "at": 1000.0, "symbol": "BTC", "reduced": "short", "size": 1.0, "price": 100.0}
    return VenueFill(raw=raw, **{**known, **fields})


def judge(venue: str, *fills: VenueFill) -> Any:
    return judge_fills(fills, FillClassifier(catalogue()[venue].rules.fills))


def test_each_fill_is_listed_once_and_by_time() -> None:
    """Under an id that later fills of the same order do not change; a fill that two lists have is one."""
    adl = {"execType": "AdlTrade"}
    closes, unknown = judge(
        "bybit",
        fill(adl, id="2", at=3000.0),
        fill(adl),
        fill(adl),
        fill({"execType": "BustTrade"}, id="3", reduced="long", at=2500.0),
        fill(adl, id="4", symbol="ETH", at=4000.0, reduced=None, size=None, price=None),
    )
    assert unknown == ()
    assert [(one.id, one.size, one.price, one.at) for one in closes] == [
        ("adl:1:BTC:short", 1.0, 100.0, 1.0),
        ("liquidation:3:BTC:long", 1.0, 100.0, 2.5),
        ("adl:2:BTC:short", 1.0, 100.0, 3.0),
        ("adl:4:ETH:", None, None, 4.0),
    ]


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
    (close,), _ = judge(venue, fill(raw))
    assert (close.kind, close.note) == (kind, None)


def test_note_is_what_the_mark_leaves_open() -> None:
    """BitMEX marks both alike, so the close has the card's note; a mark that tells the side needs none."""
    (close,), _ = judge("bitmex", fill({"execType": "Liquidation"}))
    assert close.kind == "liquidation"
    assert close.note is not None
    assert "ADL" in close.note
    (whose,), _ = judge("delta", fill({"fill_type": "adl"}))
    assert (whose.kind, whose.note) == (
        "adl",
        "Whether it is the leg of the holder or of the bankrupt is not told by the venue's mark.",
    )
    (partly,), _ = judge("bitget", fill({"tradeSide": "reduce_close_short"}))
    assert (partly.kind, partly.note) == ("liquidation", None)


def test_list_that_is_the_mark_needs_no_rule() -> None:
    """What comes from a venue's list of ADLs is one, though its fields say nothing."""
    (close,), unknown = judge("gate", fill({"trade_size": -1}, listed_as="adl"))
    assert (close.kind, close.note, unknown) == ("adl", None, ())


@pytest.mark.parametrize(
    ("word", "traded", "side"),
    [("LONG", "SELL", "long"), ("BOTH", "SELL", "long"), ("net", "buy", "short"), ("short", "sell", "short")],
)
def test_side_is_what_hedge_mode_names_else_what_was_traded(word: str, traded: str, side: str) -> None:
    """A venue's own word counts more than what follows from the trade."""
    assert closed_side(word, traded=traded) == side
