"""What a simulation answers: its steps, and what became of the positions."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Outcome = Literal["untouched", "reduced", "closed", "liquidated"]


class Liquidated(Struct, frozen=True, kw_only=True, gc=False):
    """The accounts that were liquidated in a step."""

    accounts: Annotated[int, Meta(description="Positions, each liquidated whole.")]
    size: Annotated[float, Meta(description="Contracts.")]
    notional: Annotated[float, Meta(description="Their value at the mark price, settlement currency.")]


class Closings(Struct, frozen=True, kw_only=True, gc=False):
    """What the order book took of the liquidated accounts."""

    size: Annotated[float, Meta(description="Contracts.")]
    mean_price: Annotated[
        float | None, Meta(description="Mean price, quote currency (inverse: the harmonic mean); null without any.")
    ]
    paid_by_fund: Annotated[
        float, Meta(description="What closing beyond bankruptcy prices cost the fund, settlement currency.")
    ]
    received_by_fund: Annotated[
        float, Meta(description="Margin that was left over and went into the fund, settlement currency.")
    ]


class FundChange(Struct, frozen=True, kw_only=True, gc=False):
    """The insurance fund before and after a step, settlement currency."""

    before: Annotated[float, Meta(description="Balance before the step.")]
    after: Annotated[float, Meta(description="Balance after it.")]
    taken_over: Annotated[float, Meta(description="Contracts that it took over at bankruptcy prices.")]


class LeftOver(Struct, frozen=True, kw_only=True, gc=False):
    """What the order book did not take, contracts, by its cause; takeover, ADL and uncovered add up to it."""

    fund: Annotated[float, Meta(description="A level was there, and the fund could not pay for it.")]
    depth: Annotated[float, Meta(description="No level was left.")]


class Deleveraging(Struct, frozen=True, kw_only=True, gc=False):
    """What was closed by ADL in a step."""

    size: Annotated[float, Meta(description="Contracts.")]
    mean_fill_price: Annotated[
        float | None,
        Meta(description="Mean fill price, quote currency (inverse: harmonic); null without any, or out of reach."),
    ]
    accounts: Annotated[int, Meta(description="Positions closed fully or in part.")]
    haircut: Annotated[
        float, Meta(description="What their holders lose by the fills against the mark price, settlement currency.")
    ]
    uncovered: Annotated[float, Meta(description="Contracts that no eligible position could take.")]


class Step(Struct, frozen=True, kw_only=True, gc=False):
    """What happens at one mark price."""

    mark_price: Annotated[float, Meta(description="As given, quote currency.")]
    mark_after: Annotated[float, Meta(description="After the permanent impact of the liquidations, quote currency.")]
    rounds: Annotated[int, Meta(description="How often somebody was due; above 1 the impact made others due.")]
    liquidated: Liquidated
    market: Closings
    left_over: LeftOver
    fund: FundChange
    adl: Deleveraging
    unpaid: Annotated[float, Meta(description="Deficit that neither fund nor winners carry, settlement currency.")]


class SimulatedPosition(Struct, frozen=True, kw_only=True, gc=False):
    """What became of a position."""

    id: str
    outcome: Annotated[
        Outcome,
        Meta(description="`reduced` and `closed` by ADL; `liquidated` also where ADL had reduced it before."),
    ]
    step: Annotated[int | None, Meta(description="Index of the first step that touched it; null if none did.")]
    closed: Annotated[float, Meta(description="Contracts that ADL closed of it.")]
    remaining: Annotated[float, Meta(description="Contracts left.")]
    realized_pnl: Annotated[
        float, Meta(description="Of the fills of ADL; a liquidated position has lost its margin. Settlement currency.")
    ]
    haircut: Annotated[
        float, Meta(description="What it lost by the fills against the mark price, settlement currency.")
    ]
    effective_leverage: Annotated[
        float | None,
        Meta(description="Notional over equity after the last step; 0 when closed, null when liquidated or insolvent."),
    ]
