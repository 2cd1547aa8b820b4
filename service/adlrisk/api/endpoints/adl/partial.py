"""``POST /adl/partial``: one position before and after an ADL takes a part of it."""

from typing import Annotated, Any, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from adlrisk.api.dispatch.endpoint import Answer, Body, Call, Endpoint
from adlrisk.api.endpoints.shared.fields import MARGIN_OR_LEVERAGE, LotSize, VenueId
from adlrisk.domain.deleverage.partial_close import MarginMode, PartialClose, close_part
from adlrisk.domain.position.bounds import Positive
from adlrisk.domain.position.position import Position
from adlrisk.venues.catalogue import Catalogue, VenueRef

_MOST_SCENARIOS: Final = 1000
_SIZE_OR_FRACTION: Final[dict[str, Any]] = {"oneOf": [{"required": ["size"]}, {"required": ["fraction"]}]}


class Close(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much is closed: exactly one of `size` and `fraction`."""

    size: Annotated[Positive | UnsetType, Meta(description="Contracts, at most the position's size.")] = UNSET
    fraction: Annotated[
        Annotated[float, Meta(ge=1e-12, le=1.0)] | UnsetType,
        Meta(description="Share of the position's size; with `lot_size` rounded down to whole lots."),
    ] = UNSET

    def __post_init__(self) -> None:
        """Refuse both and neither."""
        if (self.size is UNSET) == (self.fraction is UNSET):
            raise ValueError("Contradicting field `size`: exactly one of size and fraction is needed")


class PartialRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A position, and how much of it is closed at which price."""

    venue: VenueId = "generic"
    position: Annotated[
        Position, Meta(description="The position before the ADL.", extra_json_schema=MARGIN_OR_LEVERAGE)
    ]
    close: Annotated[Close, Meta(description="How much is closed.", extra_json_schema=_SIZE_OR_FRACTION)]
    fill_price: Annotated[
        Positive | None,
        Meta(
            description="Price it is closed at, quote currency: at many venues the bankruptcy price of the position "
            "that is liquidated, which may lie beyond this one's entry. Default: the mark price."
        ),
    ] = None
    margin_mode: Annotated[
        MarginMode,
        Meta(
            description="`isolated` margin is released in proportion to what is closed; `cross` margin stays behind "
            "the rest, plus what was realized."
        ),
    ] = "isolated"
    lot_size: LotSize | None = None
    scenario_prices: Annotated[
        tuple[Positive, ...],
        Meta(max_length=_MOST_SCENARIOS, description="Prices at which to compare with and without the ADL."),
    ] = ()


class PartialAnswer(PartialClose, frozen=True, kw_only=True):
    """The position before and after, with the rules its state rests on."""

    venue: VenueRef


def answer_partial(request: PartialRequest, *, venues: Catalogue) -> PartialAnswer:
    """The answer to ``request``, without any server.

    Raises:
        UnknownVenueError: the venue is not in the catalogue.
        RefusedError: a size that is no whole number of lots, or larger than the position.
    """
    venue = venues[request.venue]
    closed = close_part(
        request.position,
        size=request.close.size or None,
        fraction=request.close.fraction or None,
        fill_price=request.fill_price,
        margin_mode=request.margin_mode,
        lot_size=request.lot_size,
        scenario_prices=request.scenario_prices,
        rules=venue.rules,
    )
    return PartialAnswer(
        closed_size=closed.closed_size,
        fill_price=closed.fill_price,
        realized_pnl=closed.realized_pnl,
        exposure_removed=closed.exposure_removed,
        before=closed.before,
        after=closed.after,
        scenarios=closed.scenarios,
        venue=venue.ref,
    )


def _handle_partial(call: Call) -> PartialAnswer:
    return answer_partial(call.body, venues=call.service.venues)


PARTIAL: Final = Endpoint(
    method="POST",
    path="/adl/partial",
    operation_id="closePartially",
    tag="Deleveraging",
    summary="What would a partial ADL take from this position?",
    description="Closes a size or a fraction of one position at a price, the mark unless `fill_price` says otherwise, "
    "and shows its state before and after, what is realized, and for each scenario price what it makes with and "
    "without the ADL. Fees are not counted, nor that it might be liquidated on the way to a scenario price. "
    "Safe to retry.",
    handle_at_once=_handle_partial,
    body=Body(
        type=PartialRequest,
        limit=lambda service: service.settings.max_score_bytes,
        examples=("adl-partial", "adl-partial-cross"),
    ),
    answers={200: Answer(description="Before and after.", type=PartialAnswer)},
    problems=("unknown-venue", "not-a-lot-multiple", "close-exceeds-position"),
)
