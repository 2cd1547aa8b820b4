"""Bodies of ``POST /account``: what was read of an account, as the service takes it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from adlrisk.api.endpoints.account.schema import Leg
from adlrisk.api.endpoints.account.unreadable import shown_group
from adlrisk.positions.cross_accounts import CrossAccount, Hidden
from adlrisk.positions.open_position import OpenPosition
from adlrisk.positions.scoring import ScoredPosition, ScoredPositions, as_leg, list_legs

_MAX_ID: Final = 64


def list_bodies(scored: ScoredPositions, *, venue: str) -> list[dict[str, Any]]:
    """The bodies whose answers are those of ``scored``: one for each margin account, and one for what has none.

    What is hidden in an account, such as a position that was not requested, is a leg that cannot be read: its answer
    is a problem, and what the account then cannot know is null.
    """
    bodies = [_describe_account(one.account, venue) for one in scored.accounts]
    alone = [one for one in scored.positions if one.account is None]
    if alone:
        bodies.append({"venue": venue, "positions": _name_legs(_list_alone(alone))})
    return bodies


def _describe_account(account: CrossAccount, venue: str) -> dict[str, Any]:
    backing = account.backing
    figures = {} if backing is None else msgspec.to_builtins(backing)
    sent = {
        "equity": figures.get("amount"),
        "wallet_balance": figures.get("wallet_balance"),
        "maintenance_margin": figures.get("maintenance_margin"),
    }
    legs = (
        *((one.name, _to_fields(leg)) for one, leg in zip(account.positions, list_legs(account), strict=True)),
        *((hidden.reason, _hide(hidden)) for hidden in account.hidden),
    )
    return {"venue": venue, **_without_none(sent), "positions": _name_legs(legs)}


def _list_alone(alone: Sequence[ScoredPosition]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Legs that no account backs: isolated ones, and those of which it is not known what backs them."""
    for one in alone:
        if one.position is None:
            yield one.held.name, _stub(one.held)
        else:
            leg = msgspec.structs.replace(one.held, position=one.position)
            yield one.held.name, _to_fields(as_leg(leg, id_="leg", margin_mode="isolated"))


def _name_legs(
    legs: Iterator[tuple[str, dict[str, Any]]] | Sequence[tuple[str, dict[str, Any]]],
) -> list[dict[str, Any]]:
    """The legs with ids of their own, made of their names."""
    taken: set[str] = set()
    named = []
    for name, fields in legs:
        id_, count = name[:_MAX_ID], 1
        while id_ in taken:
            count += 1
            id_ = f"{name[: _MAX_ID - 5]} {count}"
        taken.add(id_)
        named.append({"id": id_, **{name: value for name, value in fields.items() if name != "id"}})
    return named


def _to_fields(leg: Leg) -> dict[str, Any]:
    """The fields of ``leg`` that are not left out."""
    fields: Mapping[str, Any] = msgspec.to_builtins(leg)
    defaults = {field.name: field.default for field in msgspec.structs.fields(Leg)}
    return {name: value for name, value in fields.items() if value != defaults[name] or name == "margin_mode"}


def _stub(one: OpenPosition) -> dict[str, Any]:
    """What is known of a position that cannot be scored."""
    known = {"symbol": one.symbol if one.currencies else None, "side": one.side, "adl_meter": one.adl_meter}
    return {**_without_none(known), "margin_mode": "isolated"}


def _hide(hidden: Hidden) -> dict[str, Any]:
    """A leg of which nothing is known but, at most, its symbol; the further field says that it could be any other."""
    symbol = None if hidden.symbol is None else shown_group(hidden.symbol).replace(" ", "-")
    return {**_without_none({"symbol": symbol}), "reason": hidden.reason}


def _without_none(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
