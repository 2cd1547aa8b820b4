"""Classification of fills written down a second time, rule by rule as a card's page reads."""

from typing import Any

from adlrisk.domain.rules.fills import FillMarkers, FillRule


def first_match(fill: Any, markers: FillMarkers) -> FillRule | None:
    """The first rule of the card that fits the fill, or the venue's object within ccxt's structure."""
    return next((rule for rule in markers.rules if fits(rule, fill)), None)


def fits(rule: FillRule, fill: Any) -> bool:
    """Whether the field has a value of the rule."""
    text = value_at(fill, rule.field)
    if text is None:
        return False
    if rule.starts_with is not None:
        return text[: len(rule.starts_with)] == rule.starts_with
    return text in ([rule.equals] if rule.equals is not None else rule.one_of)


def value_at(fill: Any, path: str) -> str | None:
    """The value of a field of the venue's object, as text; none if there is no such object or field."""
    if not isinstance(fill, dict):
        return None
    value: Any = fill
    if isinstance(fill.get("info"), dict):
        value = fill["info"]
    elif "timestamp" in fill and "datetime" in fill:
        return None
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return as_text(value)


def as_text(value: Any) -> str | None:
    """The text that values are compared as; whole numbers without a point."""
    match value:
        case str():
            return value
        case bool():
            return {True: "true", False: "false"}[value]
        case int() | float() if value == value // 1 and abs(value) <= 2**64:
            return str(int(value))
        case float():
            return str(value)
    return None
