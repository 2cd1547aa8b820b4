"""Allocation policies by name, the bankrupt position, and the fill price."""

from typing import Annotated, Final, Literal, get_args

from msgspec import Meta, Struct

from adlrisk.domain.position.bounds import Positive
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.position import Side
from adlrisk.domain.rules.card import VenueRules

Policy = Literal["venue", "pro_rata_size", "pro_rata_profit", "pro_rata_score", "risk_aware", "min_max_leverage"]
FillPriceName = Literal["bankruptcy", "mark"]
FillPriceRule = Literal["bankruptcy", "mark", "given"]

POLICIES: Final[tuple[Policy, ...]] = get_args(Policy)
# These two use the queue's ranking, so they are refused at a venue without one if the request names no formula.
RANKED_POLICIES: Final[tuple[Policy, ...]] = ("venue", "pro_rata_score")

MEANINGS: Final[dict[Policy, str]] = {
    "venue": "The venue's own queue, or that of `formula`: from the front, each position in full, the last in part.",
    "pro_rata_size": "In proportion to size.",
    "pro_rata_profit": "In proportion to unrealized profit; positions without profit are not closed.",
    "pro_rata_score": "In proportion to size times the ranking key, if the key is above 0.",
    "risk_aware": "In proportion to unrealized profit times effective leverage squared; no profit, no share.",
    "min_max_leverage": "From the most levered down to one common level of leverage.",
}


class Bankrupt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The position that liquidation and insurance fund could not absorb; its bankruptcy is not verified."""

    side: Annotated[Side, Meta(description="Its direction; those on the other side are closed against it.")]
    size: Annotated[Positive, Meta(description="Remaining size to absorb, contracts.")]
    bankruptcy_price: Annotated[Positive, Meta(description="Price at which its equity is 0, quote currency.")]


def resolve_fill_price(
    given: FillPriceName | float | None, *, bankrupt: Bankrupt, mark_price: float, rules: VenueRules
) -> tuple[float, FillPriceRule]:
    """The fill price and the rule behind it: as ``given``, else the venue's.

    Raises:
        RefusedError: nothing is given, and the venue's rule is unknown.
    """
    chosen = choose_fill_price(given, rules)
    if isinstance(chosen, float):
        return chosen, "given"
    return (bankrupt.bankruptcy_price if chosen == "bankruptcy" else mark_price), chosen


def choose_fill_price(given: FillPriceName | float | None, rules: VenueRules) -> FillPriceName | float:
    """The rule for the fill price, or the price itself: as ``given``, else the venue's rule.

    Raises:
        RefusedError: nothing is given, and the venue's rule is unknown.
    """
    if isinstance(given, int | float):
        return float(given)
    rule = given or rules.execution.price
    if rule == "unknown":
        detail = f"At which price {rules.name} closes positions is not published: send bankruptcy, mark or a number"
        raise RefusedError(problem="fill-price-required", path=("fill_price",), detail=detail)
    return rule
