"""Margin accounts: how far all marks may move together, told as the distance of a position is."""

from typing import Any

from adlrisk.watch.messages.message import Message
from adlrisk.watch.reading.observed import ObservedAccount
from adlrisk.watch.rules.standing_lines import describe_account
from support.watch.made_readings import follow, observe, read


def _hold(distance: float | None, name: str = "USDT", **named: Any) -> ObservedAccount:
    return ObservedAccount(**{"name": name, "distance": distance, "direction": "fall", **named})


def _tell(*distances: float | None) -> list[list[Message]]:
    _, told = follow([read(accounts=() if each is None else (_hold(each),)) for each in distances])
    return [list(each) for each in told]


def _titles(*distances: float | None) -> list[list[str]]:
    return [[each.title.split("USDT: ")[1] for each in messages] for messages in _tell(*distances)]


MAY_FALL = "all marks together may fall by {} until it is liquidated"


def test_each_level_of_an_account_is_told_once() -> None:
    """20, 10, 5 % and due are told at once, each once, and left after two readings, to the level that still holds."""
    assert _titles(0.3, 0.163, 0.21, 0.09, 0.04, 0.0, 0.0, 0.135, 0.135, 0.5, 0.5) == [
        [], [f"{MAY_FALL.format('16.3 %')}, nearer than 20 %"], [], [f"{MAY_FALL.format('9 %')}, nearer than 10 %"],
        [f"{MAY_FALL.format('4 %')}, nearer than 5 %"], ["liquidation due"], [], [],
        [f"{MAY_FALL.format('13.5 %')}, was due, still nearer than 20 %"], [],
        [f"{MAY_FALL.format('50 %')}, was nearer than 20 %"],
    ]  # fmt: skip


def test_severities_and_key_of_an_account() -> None:
    """Nearer than 20 % is a notice, 10 and 5 % a warning, due an emergency; the key is the account's currency."""
    told = [each for messages in _tell(0.15, 0.09, 0.04, 0.0, 0.3, 0.3) for each in messages]
    assert [each.severity for each in told] == ["notice", "warning", "warning", "emergency", "recovery"]
    assert {(each.key.symbol, each.key.side, each.key.kind) for each in told} == {("account USDT", None, "distance")}
    assert told[0].title.startswith("main on binance, account USDT: ")
    assert "More margin in the account" in told[0].body


def test_account_without_a_distance_is_no_recovery() -> None:
    """An account whose distance is gone, with it or without, ends its level after two readings as not known."""
    gone = "distance to its liquidation not known any more, was nearer than 5 %"
    assert _titles(0.04, None, None, None) == [[f"{MAY_FALL.format('4 %')}, nearer than 5 %"], [], [gone], []]
    unknown = read(accounts=(_hold(None),))
    state, told = follow([read(accounts=(_hold(0.04),)), unknown, unknown])
    assert [each.severity for each in told[2]] == ["notice"]
    assert follow([read()], state=state)[0].margins == ()


def test_account_that_an_incomplete_reading_lacks_is_kept() -> None:
    """A reading that is not complete says nothing of an account that it does not have."""
    part = read(is_complete=False)
    _, told = follow([read(accounts=(_hold(0.04),)), part, part, part, read(accounts=(_hold(0.04),))])
    assert [len(each) for each in told] == [1, 0, 0, 0, 0]
    state, _ = follow([read(accounts=(_hold(0.04),))])
    for is_complete, count in ((False, 1), (True, 0)):
        assert len(follow([read(is_complete=is_complete)], state=state, is_start=True)[0].margins) == count


def test_accounts_are_told_apart() -> None:
    """Each currency has a state of its own, and a rise is told as one."""
    _, told = follow(
        [
            read(accounts=(_hold(0.15), _hold(0.3, "BTC"))),
            read(accounts=(_hold(0.15), _hold(0.09, "BTC", direction="rise"))),
        ]
    )
    assert [each.title for each in told[1]] == [
        "main on binance, account BTC: all marks together may rise by 9 % until it is liquidated, nearer than 10 %"
    ]


def test_start_says_how_the_account_stands() -> None:
    """The start has a line for each account, is loud by its distance, and no level is told again after it."""
    for distance, severity in ((0.15, "notice"), (0.09, "warning"), (0.0, "emergency")):
        near = read(observe(distance=0.5), accounts=(_hold(distance), _hold(None, "BTC")))
        _, told = follow([near, near], is_start=True)
        assert [[each.severity for each in messages] for messages in told] == [[severity], []]
        assert [line for line in told[0][0].body.splitlines() if line.startswith("account")] == [
            "account USDT: liquidation due" if not distance else
            f"account USDT: all marks together may fall by {distance * 100:g} % until it is liquidated"
        ]  # fmt: skip


def test_line_of_an_account_names_what_is_near() -> None:
    """How an account stands has its nearest position and its margin account, if they are nearer than a level."""
    near = read(observe(distance=0.04), observe(distance=0.08, side="short"), accounts=(_hold(0.03), _hold(0.5, "BTC")))
    assert describe_account(follow([near])[0]) == (
        "main on binance: 2 positions, 2 ok; BTCUSDT long: liquidation 4 % away; "
        "account USDT: all marks together may fall by 3 % until it is liquidated"
    )
    assert describe_account(follow([read(observe(distance=0.3))])[0]) == "main on binance: 1 position, ok"
