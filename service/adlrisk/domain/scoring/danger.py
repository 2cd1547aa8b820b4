"""The nearer danger of a position: its own liquidation, or an auto-deleveraging."""

from functools import cache
from typing import Annotated, Final, Literal

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


class Liquidation(Struct, frozen=True, gc=False):
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


class NearPrice(Struct, frozen=True, gc=False):
    """A price near the mark, at or before which the position is liquidated."""

    price: float
    distance: float  # from the mark, a fraction
    is_bankruptcy: bool  # the liquidation price itself is unknown


class FoundDanger(Struct, frozen=True, gc=False):
    """The nearer danger, and the price or the move of all marks that shows that liquidation is near, not due."""

    danger: Danger
    near_price: NearPrice | None = None
    near_move: float | None = None


def find_danger(
    state: PositionState,
    *,
    side: float,
    mark: float,
    liquidation: Liquidation,
    near: Threshold,
    band: Band,
    place: Place,
    account: SharedAccount | None = None,
) -> FoundDanger:
    """What threatens a position of ``side`` (1 long, −1 short) at ``mark`` first; ``near`` is a distance.

    ``account`` is that of a cross leg: what ends it ends all of its legs.
    """
    if liquidation.is_due:
        return _DUE
    price = _find_near_price(state, side=side, mark=mark, is_known=liquidation.is_known, near=near)
    if price is not None:
        return FoundDanger("liquidation", price)
    if account is not None and account.nearest_move is not None and account.nearest_move <= near.exceeded_beyond:
        return FoundDanger("liquidation", near_move=account.nearest_move)
    if band != "low" and place not in NOT_THREATENED:
        return _ADL
    return _NONE if liquidation.is_known else _UNKNOWN


_DUE: Final = FoundDanger("liquidation")
_ADL: Final = FoundDanger("adl")
_NONE: Final = FoundDanger("none")
_UNKNOWN: Final = FoundDanger("unknown")


def explain_danger(
    found: FoundDanger,
    state: PositionState,
    *,
    mark: float,
    knows_liquidation: bool,
    near: Threshold,
    band: Band,
    place: Place,
    in_account: bool,
) -> NearerDanger:
    """The danger that was ``found`` of the same position, with its reason."""
    if found.near_price is not None:
        return NearerDanger(danger=found.danger, reason=_name_near_price(found.near_price, mark, near))
    if found.near_move is not None:
        return NearerDanger(danger=found.danger, reason=_name_near_move(found.near_move, near))
    if found.danger == "liquidation":
        return _IS_DUE
    if found.danger == "adl":
        return _build_adl(band, knows_liquidation=knows_liquidation)
    if found.danger == "unknown":
        return _build_unknown(state.equity is not None, in_account=in_account)
    return _build_none(state, place, in_account=in_account)


_IS_DUE: Final = NearerDanger(danger="liquidation", reason="Liquidation is due.")


def _find_near_price(
    state: PositionState, *, side: float, mark: float, is_known: bool, near: Threshold
) -> NearPrice | None:
    """The price that shows that liquidation is near; ``None`` if it is not, or not known to be.

    Where the liquidation price is unknown the bankruptcy price decides, if it is near itself: liquidation comes before.
    """
    price, distance = state.liquidation_price, state.liquidation_distance
    is_bankruptcy = price is None and not is_known
    if is_bankruptcy:
        price = state.bankruptcy_price
        distance = liquidation_distance(side, mark, price)
    if price is None or distance is None or distance > near.exceeded_beyond:
        return None
    return NearPrice(price, distance, is_bankruptcy)


def _name_near_price(found: NearPrice, mark: float, near: Threshold) -> str:
    name = "Liquidation comes before the bankruptcy price of" if found.is_bankruptcy else "The liquidation price is"
    price, distance = format_apart(found.price, mark), near.format_distinct(found.distance)
    return f"{name} {price}, {distance} away and within {near.text}."


def _name_near_move(move: float, near: Threshold) -> str:
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
