"""The nearer danger of a position: its own liquidation, or an auto-deleveraging."""

from functools import cache
from typing import Annotated, Final, Literal, NamedTuple

from msgspec import Meta, Struct

from adlrisk.domain.position.number_format import SENTENCE_DIGITS, format_apart, format_percent
from adlrisk.domain.position.state import PositionState, liquidation_distance
from adlrisk.domain.rules.threshold import Threshold
from adlrisk.domain.scoring.band import Band
from adlrisk.domain.scoring.shared_account import SharedAccount
from adlrisk.domain.scoring.standing import Place

Danger = Literal["liquidation", "adl", "none", "unknown"]

NOT_THREATENED: Final[tuple[Place, ...]] = ("not_in_queue", "no_adl_at_venue")


class NearerDanger(Struct, frozen=True, kw_only=True, gc=False):
    """What threatens the position first."""

    danger: Annotated[
        Danger,
        Meta(
            description="`liquidation`: due, or near; `adl`: the band is watch or high, and the position can be "
            "taken; `none`; `unknown`: the distance to liquidation is unknown, and nothing else decides."
        ),
    ]
    reason: Annotated[str, Meta(description="One sentence.")]


class Liquidation(NamedTuple):
    """What is known of the position's liquidation."""

    is_due: bool  # equity is not above the maintenance margin, or the mark is past the liquidation price
    is_known: bool  # whether its price is known, or that there is none


def find_liquidation(state: PositionState, *, maintenance_margin: float | None, knows_price: bool) -> Liquidation:
    """What is known of the liquidation of a position in ``state`` with the maintenance margin in force.

    ``knows_price``: nothing unknown in its account can change the price.
    """
    distance, equity = state.liquidation_distance, state.equity
    is_due = (equity is not None and equity <= (maintenance_margin or 0.0)) or (
        distance is not None and distance <= 0.0
    )
    is_known = distance is not None or (equity is not None and maintenance_margin is not None and knows_price)
    return Liquidation(is_due, is_known)


def find_nearer_danger(
    state: PositionState,
    *,
    side: float,
    mark: float,
    liquidation: Liquidation,
    near: Threshold,
    band: Band,
    place: Place,
    account: SharedAccount | None = None,
) -> NearerDanger:
    """What threatens a position of ``side`` (1 long, −1 short) at ``mark`` first; ``near`` is a distance.

    ``account`` is that of a cross leg: what ends it ends all of its legs.
    """
    if liquidation.is_due:
        return _DUE
    reason = _name_near_price(state, side=side, mark=mark, liquidation=liquidation, near=near)
    if reason is None and account is not None:
        reason = _name_near_move(account, near)
    if reason is not None:
        return NearerDanger(danger="liquidation", reason=reason)
    if band != "low" and place not in NOT_THREATENED:
        return _build_adl(band, knows_liquidation=liquidation.is_known)
    if not liquidation.is_known:
        return _build_unknown(state.equity is not None, in_account=account is not None)
    return _build_none(state, place, in_account=account is not None)


_DUE: Final = NearerDanger(danger="liquidation", reason="Liquidation is due.")


def _name_near_price(
    state: PositionState, *, side: float, mark: float, liquidation: Liquidation, near: Threshold
) -> str | None:
    """The reason why liquidation is near; ``None`` if it is not, or not known to be.

    Where the liquidation price is unknown the bankruptcy price decides, if it is near itself: liquidation comes before.
    """
    price, distance = state.liquidation_price, state.liquidation_distance
    if price is None and not liquidation.is_known:
        price = state.bankruptcy_price
        distance = liquidation_distance(side, mark, price)
        name = "Liquidation comes before the bankruptcy price of"
    else:
        name = "The liquidation price is"
    if price is None or distance is None or distance > near.exceeded_beyond:
        return None
    return f"{name} {format_apart(price, mark)}, {near.format_distinct(distance)} away and within {near.text}."


def _name_near_move(account: SharedAccount, near: Threshold) -> str | None:
    move = account.nearest_move
    if move is None or move > near.exceeded_beyond:
        return None
    return f"The account is liquidated once all marks have moved by {near.format_distinct(move)}, within {near.text}."


@cache
def _build_adl(band: Band, *, knows_liquidation: bool) -> NearerDanger:
    reason = f"The band is {band}, and the venue may close this position by force"
    unknown = "" if knows_liquidation else "; the distance to liquidation is unknown"
    return NearerDanger(danger="adl", reason=f"{reason}{unknown}.")


@cache
def _build_unknown(knows_equity: bool, *, in_account: bool) -> NearerDanger:  # noqa: FBT001 (cached)
    if in_account:
        lacking = "while something of the account is"
    else:
        lacking = "without maintenance_margin_rate" if knows_equity else "without what backs the position"
    return NearerDanger(danger="unknown", reason=f"The distance to liquidation is unknown {lacking}.")


def _build_none(state: PositionState, place: Place, *, in_account: bool) -> NearerDanger:
    distance = state.liquidation_distance
    if distance is not None:
        far = f"Liquidation is {format_percent(distance, SENTENCE_DIGITS)} away"
    else:
        far = "Its own price cannot liquidate the account" if in_account else "No price liquidates it"
    return NearerDanger(danger="none", reason=f"{far}, and {_NO_ADL.get(place, _FEW)}.")


_NO_ADL: Final[dict[Place, str]] = {
    "not_in_queue": "the position is not in the queue",
    "no_adl_at_venue": "the venue closes no positions for the losses of others",
}
_FEW: Final = "few conditions of an ADL are known to be met"
