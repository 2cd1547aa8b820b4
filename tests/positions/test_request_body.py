"""The bodies that ``adlrisk positions --json`` prints: ``POST /account`` takes them as they are, with equal answers."""

from typing import Any

import httpx
import msgspec
import pytest

from adlrisk.domain.position.position import Position
from adlrisk.positions.cross_accounts import NOT_REQUESTED, Hidden
from adlrisk.positions.open_position import Currencies, OpenPosition
from adlrisk.positions.readers.reader import AccountEquity
from adlrisk.positions.report import as_bodies
from adlrisk.positions.request_body import list_bodies
from adlrisk.positions.scoring import ScoredPositions
from positions.test_scoring import held, score

BACKED = AccountEquity(amount=1500.0, wallet_balance=1500.0, maintenance_margin=420.0)
CONTRADICTORY = msgspec.structs.replace(
    held("ETHUSDT", adl_meter=5.0), contradiction="its size and price make a notional of 1, but the venue's is 2"
)
UNKNOWN_SIZE = OpenPosition(
    symbol="SOLUSDT",
    market="SOL/USDT:USDT",
    side="long",
    margin_mode="cross",
    currencies=held("SOLUSDT").currencies,
    adl_meter=4.0,
    not_scored_reason="the venue's answer has no size",
)
ACCOUNTS: dict[str, ScoredPositions] = {
    "a hedge": score(held(), held(side="short", size=0.9), venue="okx", equity=BACKED),
    "equity unknown": score(held(), held("ETHUSDT", size=2), venue="okx"),
    "isolated beside cross": score(held(), held("ETHUSDT", mode="isolated", margin=9000.0), venue="okx", equity=BACKED),
    "not requested": score(held(), held("ETHUSDT", is_requested=False), venue="okx", equity=BACKED),
    "others that were not listed": score(held(), venue="okx", equity=BACKED, hidden=NOT_REQUESTED),
    "others that could not be read": score(held(), venue="okx", equity=BACKED, hidden=Hidden("a list", None)),
    "one that cannot be scored": score(held(), UNKNOWN_SIZE, venue="okx", equity=BACKED),
    "one that contradicts itself": score(held(), CONTRADICTORY, venue="okx", equity=BACKED),
    "two dollar tokens": score(
        held(),
        msgspec.structs.replace(
            held("ETHUSDC", side="short"), currencies=Currencies(base="ETH", quote="USDC", settle="USDC")
        ),
        venue="okx",
        equity=AccountEquity(amount=1500.0, in_dollars=True),
    ),
    "unknown margin mode": score(held(), held("ETHUSDT", mode=None, adl_meter=2.0), venue="okx", equity=BACKED),
    "inverse": score(held(contract="inverse", size=100), venue="okx", equity=AccountEquity(amount=0.01)),
}


def answers_of(client: httpx.Client, scored: ScoredPositions) -> dict[str, Any]:
    """The legs and accounts in the answers to the bodies, legs by id."""
    legs: dict[str, Any] = {}
    accounts = []
    for line in as_bodies(scored, venue="okx").splitlines():
        response = client.post("/account", content=line, headers={"content-type": "application/json"})
        assert response.status_code == 200, response.text
        accounts.append(response.json()["account"])
        sent = msgspec.json.decode(line)["positions"]
        legs |= {leg["id"]: answer for leg, answer in zip(sent, response.json()["positions"], strict=True)}
    return {"legs": legs, "accounts": accounts}


@pytest.mark.parametrize("name", ACCOUNTS)
def test_service_answers_the_body_as_the_command_does(client: httpx.Client, name: str) -> None:
    """Score, band, leverage, prices, key and signals of each position, and the figures of each account, are equal."""
    scored = ACCOUNTS[name]
    answered = answers_of(client, scored)
    assert [one.answer is None for one in scored.positions] == [one.held.position is None for one in scored.positions]
    for one in scored.positions:
        leg = answered["legs"][one.held.name]
        if one.answer is None:
            assert leg["title"] == "The request does not match the schema"
            continue
        own = msgspec.json.decode(msgspec.json.encode(one.answer))
        for field in ("score", "score_upper", "band", "band_upper", "state", "queue", "missing"):
            assert leg[field] == own[field], (field, one.held.name)
        assert [signal["fired"] for signal in leg["signals"]] == [signal["fired"] for signal in own["signals"]]
    figures = [msgspec.json.decode(msgspec.json.encode(one.figures)) for one in scored.accounts]
    assert answered["accounts"][: len(figures)] == figures


def test_every_position_is_in_exactly_one_body() -> None:
    """What an account hides is there too, as a leg that cannot be read; ids are unique."""
    for name, scored in ACCOUNTS.items():
        bodies = list_bodies(scored, venue="okx")
        ids = [leg["id"] for body in bodies for leg in body["positions"] if "reason" not in leg]
        requested = [one.held.name for one in scored.positions]
        assert sorted(set(ids) & set(requested)) == sorted(requested), name
        for body in bodies:
            assert len({leg["id"] for leg in body["positions"]}) == len(body["positions"])


def test_two_positions_of_one_name_have_ids_of_their_own() -> None:
    """Some venues list a contract twice, once for each margin mode; long names are cut."""
    twin = held("BTC" + "X" * 70)
    (body,) = list_bodies(score(twin, twin, venue="okx", equity=BACKED), venue="okx")
    first, second = (leg["id"] for leg in body["positions"])
    assert first == twin.name[:64]
    assert second.endswith(" 2")
    assert len(second) <= 64


def test_backing_that_contradicts_the_venues_liquidation_price_is_not_used(client: httpx.Client) -> None:
    """A long whose equity would end above the venue's own liquidation price cannot be backed by what was read."""
    doubtful = msgspec.structs.replace(held(size=0.1), liquidation_price=19_217.0)
    scored = score(doubtful, venue="hyperliquid", equity=AccountEquity(amount=147.41))
    (one,) = scored.positions
    assert one.answer is not None
    assert one.answer.state.effective_leverage is None
    assert "would be used up at 48525.9, before the venue's own liquidation price of 19217" in one.assumptions[0]
    assert scored.accounts[0].figures.equity is None
    (body,) = list_bodies(scored, venue="hyperliquid")
    assert "equity" not in body
    assert client.post("/account", json=body).json()["account"]["equity"] is None
    sound = msgspec.structs.replace(doubtful, liquidation_price=48_800.0)
    (one,) = score(sound, venue="hyperliquid", equity=AccountEquity(amount=147.41)).positions
    assert one.answer is not None
    assert one.answer.state.effective_leverage == pytest.approx(5000 / 147.41)


@pytest.mark.parametrize(("side", "liquidation"), [("long", 44_000.0), ("short", 56_000.0)])
def test_isolated_margin_that_contradicts_the_liquidation_price_is_not_used(side: str, liquidation: float) -> None:
    """The same of a position with a margin of its own, on either side."""
    one = held(mode="isolated", side=side, margin=5000.0)
    sound = msgspec.structs.replace(one, liquidation_price=45_500.0 if side == "long" else 54_500.0)
    doubtful = msgspec.structs.replace(one, liquidation_price=liquidation)
    kept, dropped = (score(position).positions[0] for position in (sound, doubtful))
    assert kept.position is not None
    assert kept.position.margin == 5000.0
    assert isinstance(dropped.position, Position)
    assert dropped.position.margin is None
    assert "before the venue's own liquidation price" in dropped.notes[0]


def test_liquidation_prices_that_differ_are_noted_with_both() -> None:
    """More than 1 % of the distance from the mark apart: long 1 at 50,000 with 5,000 ends at 45,180.72 here."""
    one = held(mode="isolated", margin=5000.0)
    near, far = (
        score(msgspec.structs.replace(one, liquidation_price=price)).positions[0] for price in (45_200.0, 45_300.0)
    )
    assert near.notes == ()
    assert far.notes == ("its liquidation price is 45180.7 here and 45300 at the venue",)


@pytest.mark.parametrize(("liquidation", "known"), [(44_000.0, False), (49_800.0, True), (None, True)])
def test_insolvency_that_the_venue_does_not_see_is_not_believed(liquidation: float | None, *, known: bool) -> None:
    """With a liquidation price away from the mark the equity cannot be below 0: what was read is another account's."""
    one = msgspec.structs.replace(held(), liquidation_price=liquidation)
    (found,) = score(one, equity=AccountEquity(amount=-200.0)).positions
    assert found.answer is not None
    assert (found.answer.state.equity is not None) is known
    assert any("it would be insolvent, but" in note for note in found.assumptions) is not known
