"""Which side of the market is threatened by what, and what that means for the position's own side."""

from functools import cache
from typing import Final

from adlrisk.domain.position.position import Side
from adlrisk.domain.rules.card import Mechanism
from adlrisk.domain.scoring.advice.action import GUARDS, Advice
from adlrisk.domain.scoring.advice.case import Case, Traits
from adlrisk.domain.scoring.advice.sentences import (
    CROWDING,
    ON_CROWDED_SIDE,
    ON_CROWDED_SIDE_OF_KEEPERS,
    ON_OTHER_SIDE,
    ON_OTHER_SIDE_IN_NO_QUEUE,
    OPEN_INTEREST,
    STRESS,
)
from adlrisk.domain.scoring.standing import Place


def advise_entries(case: Case, _: Traits) -> Advice:
    """Funding shows which side is crowded: it pays. Stress alone threatens both."""
    rate, is_high = case.market.funding_rate, bool(case.market.open_interest_high)
    if "funding" not in case.concerns or not rate:
        return GUARDS, f"{STRESS} {OPEN_INTEREST}" if is_high else STRESS, None, None
    crowded: Side = "long" if rate > 0.0 else "short"
    return GUARDS, _cached_crowding(case.rules.mechanism, crowded, case.position.side, case.place, is_high), None, None


def _say_crowding(
    mechanism: Mechanism,
    crowded: Side,
    side: Side,
    place: Place,
    is_high: bool,  # noqa: FBT001 (of open interest; the key of a cache)
) -> str:
    other, turns = ("short", "falls") if crowded == "long" else ("long", "rises")
    sentences = [CROWDING[mechanism].format(crowd=f"{crowded}s", others=f"{other}s", turns=turns)]
    if side != crowded:
        in_no_queue = place == "not_in_queue" and mechanism in ("queue", "unknown")
        own = ON_OTHER_SIDE_IN_NO_QUEUE if in_no_queue else ON_OTHER_SIDE[mechanism]
    else:
        own = ON_CROWDED_SIDE_OF_KEEPERS if mechanism == "keeper" else ON_CROWDED_SIDE
    sentences.append(own.format(side=side))
    return " ".join([*sentences, OPEN_INTEREST] if is_high else sentences)


# Cached without a decorator: `make mutation` skips decorated functions.
_cached_crowding: Final = cache(_say_crowding)  # six mechanisms, two sides twice, six places, high or not
