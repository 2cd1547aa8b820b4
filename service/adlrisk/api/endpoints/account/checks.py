"""Checks across the legs of an account: ids, settlement, and legs of one symbol that contradict each other."""

from collections.abc import Sequence
from typing import Final

from adlrisk.api.endpoints.account.schema import Leg
from adlrisk.api.endpoints.account.unreadable import UnreadableLeg
from adlrisk.decoding.plain_words import quote
from adlrisk.domain.position.errors import RefusedError

_SAME_IN_A_SYMBOL: Final = ("mark_price", "contract", "contract_size")


def check_legs(legs: Sequence[Leg | UnreadableLeg]) -> None:
    """Check the legs against each other.

    Raises:
        RefusedError: two legs have one id; cross legs settle differently; legs of one symbol have different prices or
            contracts.
    """
    _reject_duplicates(legs)
    readable = [(index, leg) for index, leg in enumerate(legs) if isinstance(leg, Leg)]
    _reject_mixed_settlement([(index, leg) for index, leg in readable if leg.margin_mode == "cross"])
    _reject_mismatch(readable)


def _reject_duplicates(legs: Sequence[Leg | UnreadableLeg]) -> None:
    first_at: dict[str, int] = {}
    for index, leg in enumerate(legs):
        if leg.id is None:
            continue
        before = first_at.setdefault(leg.id, index)
        if before != index:
            detail = f"{quote(leg.id)} is already used at index {before}: give each leg an id of its own"
            raise _refused("duplicate-id", index, "id", detail)


def _reject_mixed_settlement(cross: Sequence[tuple[int, Leg]]) -> None:
    named = [(index, leg.settlement) for index, leg in cross if leg.settlement is not None]
    for index, settlement in named:
        if settlement.casefold() != named[0][1].casefold():
            detail = f"{settlement!r}, but leg {named[0][0]} settles in {named[0][1]!r}: send one request per currency"
            raise _refused("mixed-settlement", index, "settlement", detail)
    for index, leg in cross:
        first_index, first = cross[0]
        if leg.contract != first.contract:
            detail = f"{leg.contract}, but leg {first_index} is {first.contract}: they settle in different currencies"
            raise _refused("mixed-settlement", index, "contract", detail)


def _reject_mismatch(legs: Sequence[tuple[int, Leg]]) -> None:
    first_of: dict[str, tuple[int, Leg]] = {}
    for index, leg in legs:
        if leg.symbol is None:
            continue
        before = first_of.get(leg.symbol)
        if before is None:
            first_of[leg.symbol] = index, leg
            continue
        first_index, first = before
        for name in _SAME_IN_A_SYMBOL:
            ours, theirs = getattr(leg, name), getattr(first, name)
            if ours != theirs:
                detail = f"{ours}, but leg {first_index} of the same symbol has {theirs}: one of them is wrong"
                raise _refused("contract-mismatch", index, name, detail)


def _refused(slug: str, index: int, name: str, detail: str) -> RefusedError:
    return RefusedError(problem=slug, path=("positions", index, name), detail=detail)
