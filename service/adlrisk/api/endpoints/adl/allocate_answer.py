"""What the policies close as it is written out: fills in rows or columns, one policy after the other."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from adlrisk.api.endpoints.shared.rows import encoded_rows
from adlrisk.api.http.codecs import Codec
from adlrisk.domain.deleverage.policies import FillPriceRule, Policy
from adlrisk.venues.catalogue import Venue, VenueRef

if TYPE_CHECKING:
    from adlrisk.domain.deleverage.allocation import Counterparties, Fills


class Fill(Struct, frozen=True, gc=False):  # positional: a large answer builds millions of them
    """A position that is closed in whole or in part."""

    id: str
    closed: Annotated[float, Meta(description="Contracts that are closed.")]
    closed_lots: Annotated[int, Meta(description="The same in lots.")]
    remaining: Annotated[float, Meta(description="Contracts that are left.")]
    realized_pnl: Annotated[float, Meta(description="PnL of what is closed, against its entry, settlement currency.")]
    haircut: Annotated[
        float,
        Meta(description="What the fill price costs its holder against the mark, settlement currency; never negative."),
    ]
    leverage_after: Annotated[
        float, Meta(description="Notional left over equity, with nothing withdrawn; 0 when all is closed.")
    ]


class FillColumns(Struct, frozen=True, kw_only=True):
    """The fills of a policy, a column for each field of `Fill`."""

    id: list[str]
    closed: list[float]
    closed_lots: list[int]
    remaining: list[float]
    realized_pnl: list[float]
    haircut: list[float]
    leverage_after: list[float]


class PolicyResult(Struct, frozen=True, kw_only=True):
    """What one policy closes; its fills as `fills` or as `columns`, as the request asks.

    Fills come in the order of the queue under `venue`, else in the order of the request.
    """

    policy: Policy
    closed_lots: Annotated[int, Meta(description="Lots that are closed, over all accounts.")]
    uncovered_lots: Annotated[int, Meta(description="Lots that nobody eligible could take.")]
    accounts_hit: Annotated[int, Meta(description="Positions closed in whole or in part.")]
    accounts_closed: Annotated[int, Meta(description="Positions closed in whole.")]
    largest_share: Annotated[
        float | None, Meta(description="Largest fill over all that was closed; null when nothing was.")
    ]
    top_leverage_after: Annotated[
        float | None, Meta(description="Highest leverage among all eligible afterwards; null when nobody is eligible.")
    ]
    total_haircut: Annotated[float, Meta(description="Sum of the haircuts, settlement currency.")]
    fills: list[Fill] | UnsetType = UNSET
    columns: FillColumns | UnsetType = UNSET


class AllocateAnswer(Struct, frozen=True, kw_only=True):
    """Who is closed, under each policy."""

    requested_lots: Annotated[int, Meta(description="The bankrupt position in lots.")]
    fill_price: Annotated[float, Meta(description="Price at which positions are closed, quote currency.")]
    fill_price_rule: Annotated[FillPriceRule, Meta(description="Where the fill price comes from.")]
    same_side: Annotated[int, Meta(description="Positions on the bankrupt's own side, left alone.")]
    ineligible: Annotated[int, Meta(description="Positions on the other side that cannot be closed, left alone.")]
    results: Annotated[list[PolicyResult], Meta(description="One for each policy, in the order of the request.")]
    venue: VenueRef


def encode_answer(
    ids: Sequence[str],
    others: "Counterparties",
    *,
    policies: tuple[Policy, ...],
    fill_price_rule: FillPriceRule,
    venue: Venue,
    rows: bool,
    codec: Codec,
) -> tuple[list[bytes], dict[str, int]]:
    """The answer in pieces, and the lots that each policy left uncovered.

    A policy's fills are encoded before the next policy is worked out.
    """
    from adlrisk.domain.deleverage.allocation import allocate  # noqa: PLC0415 (numpy comes with it)

    parts: dict[str, list[bytes]] = {}
    results: list[PolicyResult] = []
    for policy in policies:
        found = allocate(others, policy)
        if rows:
            key = f"<fills of {policy}>"
            parts[key] = _as_rows(ids, found.fills, codec)
            listed: dict[str, Any] = {"fills": key}
        else:
            listed = {"columns": {name: f"<{name} of {policy}>" for name in FillColumns.__struct_fields__}}
            parts |= {key: [_encoded(ids, found.fills, name, codec)] for name, key in listed["columns"].items()}
        results.append(
            PolicyResult(
                policy=policy,
                closed_lots=found.closed_lots,
                uncovered_lots=found.uncovered_lots,
                accounts_hit=found.accounts_hit,
                accounts_closed=found.accounts_closed,
                largest_share=found.largest_share,
                top_leverage_after=found.top_leverage_after,
                total_haircut=found.total_haircut,
                **listed,
            )
        )
    answer = AllocateAnswer(
        requested_lots=others.requested_lots,
        fill_price=others.fill_price,
        fill_price_rule=fill_price_rule,
        same_side=others.same_side,
        ineligible=others.ineligible,
        results=results,
        venue=venue.ref,
    )
    return codec.spliced(answer, parts), {result.policy: result.uncovered_lots for result in results}


def _as_rows(ids: Sequence[str], fills: "Fills", codec: Codec) -> list[bytes]:
    def part(name: str, start: int, end: int) -> list[Any]:
        if name == "id":
            return _ids(ids, fills, start, end)
        values: list[Any] = getattr(fills, name)[start:end].tolist()
        return values

    return encoded_rows(Fill, length=len(fills.places), part=part, codec=codec)


def _encoded(ids: Sequence[str], fills: "Fills", name: str, codec: Codec) -> bytes:
    if name == "id":
        return codec.encode(_ids(ids, fills, 0, len(fills.places)))
    return codec.array(getattr(fills, name))


def _ids(ids: Sequence[str], fills: "Fills", start: int, end: int) -> list[str]:
    return list(map(ids.__getitem__, fills.places[start:end].tolist()))
