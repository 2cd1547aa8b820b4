"""What the policies close as it is written out: fills in rows or columns, one policy after the other."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from adlrisk.api.endpoints.adl.schema import AllocateAnswer, Fill, FillColumns, PolicyResult
from adlrisk.api.endpoints.shared.rows import encoded_rows
from adlrisk.api.http.codecs import Codec
from adlrisk.domain.deleverage.policies import FillPriceRule, Policy
from adlrisk.venues.catalogue import Venue

if TYPE_CHECKING:
    from adlrisk.domain.deleverage.allocation import Counterparties, Fills


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
