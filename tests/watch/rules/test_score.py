"""The state of a position: worse at once, better after two readings, told at transitions only."""

import pytest

from support.watch.made_readings import follow, observe, read, titles

# Bands of a position reading by reading ("-": it is not there), and after "was" and at each reading what is told.
SEQUENCES = {
    "nothing changes": (["low", "low", "low"], {}),
    "up at once": (["low", "watch", "high"], {1: "watch (was ok)", 2: "high (was watch)"}),
    "down after two": (["high", "low", "low"], {0: "high (new position)", 2: "ok (was high)"}),
    "flapping": (["low", "high", "low", "high", "low", "high", "low", "low"], {1: "high (was ok)", 7: "ok (was high)"}),
    "down to the worse of two": (
        ["high", "watch", "low", "low"],
        {0: "high (new position)", 2: "watch (was high)", 3: "ok (was watch)"},
    ),
    "two lower readings apart": (["high", "low", "high", "watch", "high"], {0: "high (new position)"}),
    "unknown is told": (["low", "?", "low", "low"], {1: "unknown (was ok)", 3: "ok (was unknown)"}),
    "what is known to warn is told at once": (
        ["?", "watch", "?", "high"],
        {0: "unknown (new position)", 1: "watch (was unknown)", 3: "high (was watch)"},
    ),
    "a warning that is lost is told": (["high", "?", "?"], {0: "high (new position)", 2: "unknown (was high)"}),
    "unsure": (
        ["low", "low high", "low high", "low", "low"],
        {1: "ok to high (was ok)", 4: "ok (was ok to high)"},
    ),
    "unsure and worse": (
        ["low watch", "low high", "watch high", "high"],
        {
            0: "ok to watch (new position)",
            1: "ok to high (was ok to watch)",
            2: "watch to high (was ok to high)",
            3: "high (was watch to high)",
        },
    ),
    "an upper end that is no upper end": (["high low", "watch"], {0: "high (new position)"}),
    "flapping between sure and unsure": (["low", "low high", "low", "low high"], {1: "ok to high (was ok)"}),
}
GONE = {
    "one that was ok": (["low", "-", "-", "-"], {}),
    "one that was not": (
        ["high", "-", "-", "-"],
        {0: "ADL score high (new position)", 2: "closed (ADL score was high)"},
    ),
    "one that may not have been": (
        ["low high", "-", "-"],
        {0: "ADL score ok to high (new position)", 2: "closed (ADL score was ok to high)"},
    ),
    "a reading that missed it": (["high", "-", "high", "-", "high"], {0: "ADL score high (new position)"}),
    "back and calm": (["high", "-", "low", "low"], {0: "ADL score high (new position)", 3: "ADL score ok (was high)"}),
    "a new one": (
        ["high", "-", "-", "high"],
        {0: "ADL score high (new position)", 2: "closed (ADL score was high)", 3: "ADL score high (new position)"},
    ),
}


def _tell(bands: list[str]) -> dict[int, str]:
    told = titles([read() if band == "-" else read(observe(band)) for band in bands])
    return {number: ", ".join(each).removeprefix(", BTCUSDT long: ") for number, each in enumerate(told) if each}


@pytest.mark.parametrize("name", SEQUENCES)
def test_worse_is_told_at_once_and_better_after_two_readings(name: str) -> None:
    """A state is told in the reading that is worse, in the second of two that are better, and never again."""
    bands, expected = SEQUENCES[name]
    assert _tell(bands) == {number: f"ADL score {text}" for number, text in expected.items()}


@pytest.mark.parametrize("name", GONE)
def test_a_position_is_gone_after_two_readings(name: str) -> None:
    """That a position is gone is told after two readings without it, and only if something was told of it."""
    bands, expected = GONE[name]
    assert _tell(bands) == expected


def test_severity_follows_the_upper_end() -> None:
    """What is or may be high, or is unknown, warns; watch is a notice; what is better is a recovery."""
    for bands, severity in (("high", "warning"), ("low high", "warning"), ("?", "warning"), ("watch", "notice")):
        _, (_, told) = follow([read(observe()), read(observe(bands))])
        assert [message.severity for message in told] == [severity]
    _, told_each = follow(
        [read(observe("high")), *[read(observe("?"))] * 2, *[read(observe("watch"))] * 2, *[read(observe())] * 2]
    )
    assert [message.severity for told in told_each for message in told] == ["warning", "warning", "notice", "recovery"]


def test_key_has_no_text() -> None:
    """A key is venue, account, contract, side and kind, whatever was read."""
    _, (told,) = follow([read(observe("high", guidance="Reduce."))])
    key = told[0].key
    assert (key.venue, key.account, key.symbol, key.side, key.kind) == ("binance", "main", "BTCUSDT", "long", "score")


def test_body_says_score_prices_and_guidance() -> None:
    """The body has score, prices, distance and guidance, each once."""
    position = observe(
        "high",
        score=8,
        score_upper=8,
        mark_price=64_000.5,
        liquidation_price=61_000.0,
        distance=0.31,
        guidance="Reduce.",
    )
    _, (told,) = follow([read(position)])
    assert told[0].body == (
        "Score 8 of 10.\nMark price 64000.5, liquidation price 61000, liquidation 31 % away.\nReduce."
    )


def test_body_says_what_is_not_known() -> None:
    """An unsure score says its range, what is missing, and that it may be high."""
    _, (told,) = follow([read(observe("low high", score=2, score_upper=7, missing=("adl_quantile", "margin")))])
    assert told[0].body == (
        "Score 2 to 7 of 10.\nNot known: adl quantile and margin. "
        "A service with a collector (--service) knows most of what venues publish.\n"
        "What is not known may be high.\nDistance to liquidation not known."
    )


def test_body_says_why_it_cannot_be_scored() -> None:
    """A position that cannot be scored is told with the reason, and that it may be high."""
    _, (told,) = follow([read(observe("?", not_scored_reason="no entry price"))])
    assert told[0].body == (
        "It cannot be scored: no entry price.\nWhat is not known may be high.\nDistance to liquidation not known."
    )


def test_body_tells_the_reading_from_what_is_held() -> None:
    """Where the state is the worse of two readings, the body says what this one shows alone."""
    _, told = follow([read(observe("high")), read(observe("watch")), read(observe("low", score=1))])
    assert told[2][0].body.startswith(
        "This reading alone says ok; that counts once the next one says so too.\nScore 1 of 10."
    )


def test_positions_of_one_contract_and_side_are_the_worst_of_them() -> None:
    """Two positions with one key are told as the one that stands worst, in whichever order they come."""
    one, other = observe("high"), observe("low")
    assert _titles_of(one, other) == _titles_of(other, one) == [["high (new position)"], []]


def _titles_of(*positions: object) -> list[list[str]]:
    told = titles([read(*positions), read(*positions)])  # type: ignore[arg-type]
    return [[title.removeprefix(", BTCUSDT long: ADL score ") for title in each] for each in told]


def test_sides_and_contracts_are_told_apart() -> None:
    """Each side and each contract has a state of its own."""
    short, other = observe("watch", side="short"), observe("high", symbol="ETHUSDT")
    assert titles([read(observe(), short, other)]) == [
        [", BTCUSDT short: ADL score watch (new position)", ", ETHUSDT long: ADL score high (new position)"]
    ]
