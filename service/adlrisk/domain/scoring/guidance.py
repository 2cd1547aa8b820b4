"""Guidance: one sentence for every combination of band, standing and nearer danger, so that no parts disagree."""

from functools import cache
from typing import Final

from adlrisk.domain.rules.card import Mechanism
from adlrisk.domain.scoring.band import Band
from adlrisk.domain.scoring.danger import Danger
from adlrisk.domain.scoring.standing import Place


def _build_guidance(
    band: Band, place: Place, danger: Danger, *, is_due: bool, knows_band: bool, mechanism: Mechanism
) -> str:
    """The sentence for what the parts of an answer say.

    ``is_due``: liquidation is; ``knows_band``: no unknown signal can raise the band.
    """
    if danger == "liquidation":
        return _GUIDE_DUE[place] if is_due else _guide_to_liquidation(band, place)
    if place == "no_adl_at_venue":
        return f"{_BY_BAND[band]}, but this venue has no ADL: {_INSTEAD.get(mechanism, _INSTEAD_UNKNOWN)}."
    if place == "not_in_queue":
        joined = "and" if band == "low" else "but"
        return f"{_BY_BAND[band]}, {joined} this position is in no queue now: {_WATCH[danger]}."
    if band == "low":
        known = f"{_BY_BAND[band]}{_AHEAD_IN_CALM if place == 'front' else ''}"
        return f"{known}: {_WATCH[danger] if knows_band or danger != 'none' else _UNKNOWN_REST}."
    return _GUIDE_TO_ADL[band, place]


# Cached without a decorator, as in advice.
guidance_for: Final = cache(_build_guidance)


_BY_BAND: Final[dict[Band, str]] = {
    "low": "Few conditions of an ADL are known to be met",
    "watch": "Several conditions of an ADL are met",
    "high": "Most conditions of an ADL are met",
}
_WATCH: Final[dict[Danger, str]] = {
    "liquidation": "liquidation comes first",
    "adl": "score again often",
    "none": "score again when price or funding changes",
    "unknown": "the distance to liquidation is unknown",
}
_INSTEAD: Final[dict[Mechanism, str]] = {
    "socialised": "losses that nobody covers are shared out among others",
    "none": "what bankrupt accounts leave is the venue's to settle",
}
_INSTEAD_UNKNOWN: Final = "what happens instead is not known"
_GUIDE_DUE: Final[dict[Place, str]] = {
    "no_adl_at_venue": "Liquidation is due: only more margin can still prevent it.",
    "not_in_queue": "Liquidation is due: only more margin can still prevent it; no ADL threatens.",
    "front": "Liquidation is due: only more margin can still prevent it; an ADL comes after.",
    "middle": "Liquidation is due: only more margin can still prevent it; an ADL comes after.",
    "back": "Liquidation is due: only more margin can still prevent it; an ADL comes after.",
    "unknown": "Liquidation is due: only more margin can still prevent it; an ADL comes after.",
}


def _guide_to_liquidation(band: Band, place: Place) -> str:
    near = "Liquidation is the nearer danger: more margin moves it away"
    if place == "no_adl_at_venue":
        return f"{near}; this venue has no ADL."
    if place == "not_in_queue":
        return f"{near}; the position is in no ADL queue now."
    if band == "low":
        return f"{near}, before anything about an ADL."
    return f"{near}; conditions of an ADL are met as well{_QUEUE[place]}."


_UNKNOWN_REST: Final = "others are unknown, so send what is missing"
_AHEAD_IN_CALM: Final = ", but the place is near the front"
_QUEUE: Final[dict[Place, str]] = {
    "front": ", from the front of the queue",
    "middle": ", from the middle of the queue",
    "back": ", though others stand ahead in the queue",
    "unknown": "",
}
_GUIDE_TO_ADL: Final[dict[tuple[Band, Place], str]] = {
    ("watch", "front"): "Several conditions of an ADL are met, near the front of the queue: take the first action now.",
    ("watch", "middle"): "Several conditions of an ADL are met: prepare the actions and score again often.",
    ("watch", "back"): "Several conditions of an ADL are met, but others stand ahead in the queue: score again often.",
    ("watch", "unknown"): "Several conditions of an ADL are met: prepare the actions and score again often.",
    ("high", "front"): "Most conditions of an ADL are met, near the front of the queue: take the first action now.",
    ("high", "middle"): "Most conditions of an ADL are met: take the first action now if a forced close would hurt.",
    ("high", "back"): "Most conditions of an ADL are met, but others stand ahead: prepare the actions, score often.",
    ("high", "unknown"): "Most conditions of an ADL are met: take the first action now if a forced close would hurt.",
}
