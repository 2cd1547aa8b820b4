"""What several messages say of a position: score, prices, alerts."""

from typing import Final

from adlrisk.watch.messages.sentences.levels import format_distance
from adlrisk.watch.messages.standing import Standing
from adlrisk.watch.messages.wording import format_price, list_words, name_position
from adlrisk.watch.reading.observed import ObservedPosition

_ALERTS: Final = {
    "adl_in_progress": "ADL in progress",
    "settlement_near": "settlement near",
    "fund_drawn_down": "insurance fund drawn down",
    "venue_rates_high": "ADL risk rated high by the venue",
    "meter_rising": "ADL meter rising",
    "open_interest_high": "open interest high",
}


_NO_DISTANCE: Final = "distance to liquidation not known"


def name_alert(code: str) -> str:
    """The alert in words; of a later service, which has others, its code.

    >>> name_alert("adl_in_progress"), name_alert("moon_near")
    ('ADL in progress', 'moon near')
    """
    return _ALERTS.get(code, code.replace("_", " "))


def list_alerts(codes: tuple[str, ...]) -> str:
    """The alerts in words, one after the other."""
    return list_words(name_alert(code) for code in codes)


def say_score(position: ObservedPosition) -> str:
    """The score with its range, in a few words.

    >>> say_score(ObservedPosition(symbol="X", side="long", score=3, score_upper=8))
    'score 3 to 8 of 10'
    """
    if position.score is None:
        return "score not known"
    upper = position.score_upper
    range_end = "" if upper is None or upper == position.score else f" to {upper}"
    return f"score {position.score}{range_end} of 10"


def say_liquidation(position: ObservedPosition) -> str:
    """How far it is to the liquidation price; empty if that is not known.

    >>> say_liquidation(ObservedPosition(symbol="X", side="long", liquidation_distance=0.0468))
    'liquidation 4.68 % away'
    """
    distance = position.liquidation_distance
    if distance is None:
        return ""
    return "liquidation due" if distance <= 0.0 else f"liquidation {format_distance(distance)} away"


def say_prices(position: ObservedPosition) -> str:
    """The prices that are known, as a sentence, and the distance, which is said also where it is not."""
    named = (("mark price", position.mark_price), ("liquidation price", position.liquidation_price))
    known = [f"{name} {format_price(price)}" for name, price in named if price is not None]
    text = ", ".join([*known, say_liquidation(position) or _NO_DISTANCE])
    return f"{text[:1].upper()}{text[1:]}."


def describe_position(position: ObservedPosition, standing: Standing) -> str:
    """The position as one line of a list."""
    parts = [standing.text]
    if standing.lower != "unknown":
        parts.append(say_score(position))
    parts += [
        say_liquidation(position) or _NO_DISTANCE,
        f"alerts: {list_alerts(position.alerts)}" if position.alerts else "",
    ]
    return f"{name_position(position.symbol, position.side)}: {', '.join(part for part in parts if part)}"


def count_standings(standings: list[Standing]) -> str:
    """How many stand how, worst first.

    >>> count_standings([Standing("ok", "ok"), Standing("high", "high"), Standing("ok", "ok")])
    '1 high, 2 ok'
    """
    texts = [standing.text for standing in sorted(standings, key=Standing.order, reverse=True)]
    return ", ".join(f"{texts.count(text)} {text}" for text in dict.fromkeys(texts))
