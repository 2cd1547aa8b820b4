"""Encoding of an allocation: fills as rows or columns, one policy after the other."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from adlrisk.api.endpoints.adl.schema import AllocateAnswer, Fill, FillColumns, PolicyResult
from adlrisk.api.endpoints.shared.rows import encode_rows
from adlrisk.api.http.codecs import Codec
from adlrisk.domain.deleverage.policies import FillPriceRule, Policy
from adlrisk.domain.rules.chosen_formula import ChosenFormula
from adlrisk.venues.catalogue import Venue

if TYPE_CHECKING:
    from adlrisk.domain.deleverage.allocation import Counterparties, Fills


def encode_allocation(
    ids: Sequence[str],
    counterparties: "Counterparties",
    *,
    policies: tuple[Policy, ...],
    formula: ChosenFormula | None,
    fill_price_rule: FillPriceRule,
    venue: Venue,
    rows: bool,
    codec: Codec,
) -> tuple[list[bytes], dict[str, int]]:
    """Allocate under each policy; return the encoded answer in pieces, and the uncovered lots by policy.

    A policy's fills are encoded before the next policy is computed, to save memory.
    """
    from adlrisk.domain.deleverage.allocation import allocate  # noqa: PLC0415 (it imports numpy)

    parts: dict[str, list[bytes]] = {}
    results: list[PolicyResult] = []
    for policy in policies:
        allocation = allocate(counterparties, policy)
        if rows:
            key = f"<fills of {policy}>"
            parts[key] = _encode_rows(ids, allocation.fills, codec)
            fields: dict[str, Any] = {"fills": key}
        else:
            fields = {"columns": {name: f"<{name} of {policy}>" for name in FillColumns.__struct_fields__}}
            parts |= {
                key: [_encode_column(ids, allocation.fills, name, codec)] for name, key in fields["columns"].items()
            }
        results.append(
            PolicyResult(
                policy=policy,
                closed_lots=allocation.closed_lots,
                uncovered_lots=allocation.uncovered_lots,
                accounts_hit=allocation.accounts_hit,
                accounts_closed=allocation.accounts_closed,
                largest_share=allocation.largest_share,
                top_leverage_after=allocation.top_leverage_after,
                total_haircut=allocation.total_haircut,
                **fields,
            )
        )
    answer = AllocateAnswer(
        requested_lots=counterparties.requested_lots,
        fill_price=counterparties.fill_price,
        fill_price_rule=fill_price_rule,
        same_side=counterparties.same_side,
        ineligible=counterparties.ineligible,
        formula=None if formula is None else formula.name,
        formula_source=None if formula is None else formula.source,
        confidence=None if formula is None else formula.confidence,
        results=results,
        venue=venue.ref,
    )
    return codec.splice(answer, parts), {result.policy: result.uncovered_lots for result in results}


def _encode_rows(ids: Sequence[str], fills: "Fills", codec: Codec) -> list[bytes]:
    def part(name: str, start: int, end: int) -> list[Any]:
        if name == "id":
            return _select_ids(ids, fills, start, end)
        values: list[Any] = getattr(fills, name)[start:end].tolist()
        return values

    return encode_rows(Fill, length=len(fills.indices), part=part, codec=codec)


def _encode_column(ids: Sequence[str], fills: "Fills", name: str, codec: Codec) -> bytes:
    if name == "id":
        return codec.encode(_select_ids(ids, fills, 0, len(fills.indices)))
    return codec.encode_column(getattr(fills, name))


def _select_ids(ids: Sequence[str], fills: "Fills", start: int, end: int) -> list[str]:
    return list(map(ids.__getitem__, fills.indices[start:end].tolist()))
