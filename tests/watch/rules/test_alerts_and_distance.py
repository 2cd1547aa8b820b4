"""Alerts and the distance to a liquidation: told when they come, once, and when they are over."""

from typing import Any, get_args

from adlrisk.domain.scoring.alerts import AlertName
from adlrisk.watch.messages.sentences.position_lines import name_alert
from support.watch.made_readings import follow, observe, read, titles

ADL, SETTLEMENT = "adl_in_progress", "settlement_near"


def _tell(*positions: Any) -> list[list[str]]:
    told = titles([read(each) if each else read() for each in positions])
    return [[title.removeprefix(", BTCUSDT long: ") for title in each] for each in told]


def _at(*distances: float | None) -> list[list[str]]:
    return _tell(*[observe(distance=distance) for distance in distances])


def test_alert_is_told_at_once_and_its_end_after_two_readings() -> None:
    """A raised alert is told in the same reading, flapping tells nothing, and its end takes two readings."""
    raised, calm = observe(alerts=[ADL]), observe()
    assert _tell(calm, raised, calm, raised, calm, calm, calm) == [
        [], ["alert: ADL in progress"], [], [], [], ["alert over: ADL in progress"], [],
    ]  # fmt: skip


def test_alerts_of_one_reading_are_one_message() -> None:
    """Alerts raised together, and one that ends as another comes, are told in one message."""
    both, second = observe(alerts=[ADL, SETTLEMENT]), observe(alerts=[SETTLEMENT])
    third = observe(alerts=["meter_rising"])
    assert _tell(both, second, second) == [
        ["alert: ADL in progress and settlement near"], [], ["alert over: ADL in progress"],
    ]  # fmt: skip
    _, told = follow(
        [read(each) for each in (both, second, observe(alerts=[SETTLEMENT, "meter_rising"]), third, third)]
    )
    assert [[each.title.split(": ", 1)[1] for each in messages] for messages in told[2:]] == [
        ["alert: ADL meter rising"], [], ["alert over: settlement near"],
    ]  # fmt: skip
    assert told[2][0].body == (
        "Alert over: ADL in progress.\nStill raised: settlement near.\nDistance to liquidation not known."
    )
    assert told[4][0].body == "What is known now does not raise it any more.\nStill raised: ADL meter rising."
    assert [told[2][0].severity, told[4][0].severity] == ["warning", "recovery"]


def test_alert_of_a_position_that_cannot_be_scored_is_not_over() -> None:
    """Where nothing is known of alerts none has ended, nor does one count as seen twice without."""
    raised, unknown, calm = observe(alerts=[ADL]), observe("?"), observe()
    told = [[title for title in each if "alert" in title] for each in _tell(raised, unknown, unknown, calm, calm)]
    assert told == [["alert: ADL in progress"], [], [], [], ["alert over: ADL in progress"]]


def test_every_alert_has_words() -> None:
    """Each alert of this version has words of its own; one of a later service is told without underscores."""
    assert {code: name_alert(code) for code in get_args(AlertName)} == {
        "adl_in_progress": "ADL in progress",
        "settlement_near": "settlement near",
        "fund_drawn_down": "insurance fund drawn down",
        "venue_rates_high": "ADL risk rated high by the venue",
        "meter_rising": "ADL meter rising",
        "open_interest_high": "open interest high",
    }
    assert name_alert("moon_near") == "moon near"


def test_each_level_of_distance_is_told_once() -> None:
    """20, 10 and 5 % are told when they are passed, each once, also where readings flap around one."""
    assert _at(0.3, 0.199, 0.201, 0.15, 0.099, 0.12, 0.049, 0.03, 0.0) == [
        [], ["liquidation 19.9 % away, nearer than 20 %"], [], [], ["liquidation 9.9 % away, nearer than 10 %"], [],
        ["liquidation 4.9 % away, nearer than 5 %"], [], ["liquidation due"],
    ]  # fmt: skip


def test_levels_passed_at_once_are_one_message() -> None:
    """A fall through several levels tells the last."""
    assert _at(0.5, 0.0) == [[], ["liquidation due"]]
    assert _at(0.2, 0.1, 0.05) == [
        [],
        ["liquidation 10 % away, nearer than 20 %"],
        ["liquidation 5 % away, nearer than 10 %"],
    ]


def test_level_is_left_after_two_readings_and_told_again_when_it_comes_back() -> None:
    """A level is left when two readings are farther away, and can be passed anew then."""
    assert _at(0.08, 0.3, 0.3, 0.08) == [
        ["liquidation 8 % away, nearer than 10 %"], [], ["liquidation 30 % away, was nearer than 10 %"],
        ["liquidation 8 % away, nearer than 10 %"],
    ]  # fmt: skip


def test_severity_of_distances() -> None:
    """Nearer than 20 % is a notice, nearer than 10 or 5 % a warning, farther away a recovery, not known a notice."""
    _, told = follow([read(observe(distance=each)) for each in (0.19, 0.09, 0.04, 0.3, 0.3)])
    assert [message.severity for each in told for message in each] == ["notice", "warning", "warning", "recovery"]
    _, told = follow([read(observe(distance=each)) for each in (0.04, None, None)])
    assert [message.severity for each in told for message in each] == ["warning", "notice"]


def test_distance_that_is_not_known_any_more_is_no_recovery() -> None:
    """Two readings of a scored position without a distance end the level, in words that do not calm."""
    assert _at(0.04, None, None, 0.04) == [
        ["liquidation 4 % away, nearer than 5 %"], [], ["liquidation distance not known any more, was nearer than 5 %"],
        ["liquidation 4 % away, nearer than 5 %"],
    ]  # fmt: skip


def test_distance_of_a_position_that_cannot_be_scored_is_kept() -> None:
    """Where a reading knows nothing, the level stays as it was."""
    told = _tell(observe(distance=0.04), observe("?"), observe("?"), observe(distance=0.04))
    assert [[title for title in each if title.startswith("liquidation")] for each in told] == [
        ["liquidation 4 % away, nearer than 5 %"], [], [], [],
    ]  # fmt: skip


def test_a_position_of_which_anything_was_told_is_told_as_closed() -> None:
    """Also with an ok score, a near liquidation or an alert makes the end worth telling, once."""
    for position in (observe(distance=0.15), observe(alerts=[ADL])):
        assert _tell(position, None, None, None)[1:] == [[], ["closed (ADL score was ok)"], []]


def test_liquidation_that_is_due_is_an_emergency() -> None:
    """After the 5 % level there is one more, which is the loudest; its end names the level that still holds."""
    _, told = follow([read(observe(distance=each)) for each in (0.04, 0.0, 0.0, 0.135, 0.135)])
    assert [[(each.severity, each.title.split(": ")[1]) for each in messages] for messages in told[1:]] == [
        [("emergency", "liquidation due")], [], [],
        [("recovery", "liquidation 13.5 % away, was due, still nearer than 20 %")],
    ]  # fmt: skip


def test_distance_is_told_apart_from_the_level_it_passed() -> None:
    """A distance just below a level has as many digits as show it."""
    assert _at(0.3, 0.19998) == [[], ["liquidation 19.998 % away, nearer than 20 %"]]
    assert _at(0.3, 0.0999999) == [[], ["liquidation 9.99999 % away, nearer than 10 %"]]
