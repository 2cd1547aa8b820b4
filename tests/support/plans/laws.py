"""Laws of plans: what holds of every answer of ``POST /plan``, whatever the request."""

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from support.accounts.drawn import pnl_of
from support.fuzz.layouts import rows_of

Plain = dict[str, Any]
# Scores a body of POST /score or POST /account, and gives the answer to the position or to the leg.
Rescore = Callable[[Mapping[str, Any]], Mapping[str, Any]]

# Ranks a body of POST /queue/rank.
Rank = Callable[[Mapping[str, Any]], Mapping[str, Any]]

TARGETS: Final = {"watch": 6, "low": 3}
_FIELDS: Final = ("score", "score_upper", "band")
_OF_THE_STATE: Final = ("effective_leverage", "liquidation_price")


_OF_A_ROW: Final = (
    "side",
    "size",
    "entry_price",
    "equity",
    "margin",
    "leverage",
    "wallet_balance",
    "maintenance_margin_rate",
    "maintenance_amount",
    "maintenance_margin",
    "maintenance_basis",
)


_BY_ACCOUNTS: Final = ("aster", "binance", "binance_coinm", "whitebit")  # whose meters count accounts, not contracts


def has_target(target: Any, answer: Mapping[str, Any], fifth: int | None) -> bool:
    """Whether a position that is scored so, and begins in this fifth, has the target."""
    equity, distance = answer["state"]["equity"], answer["state"]["liquidation_distance"]
    if (equity is not None and equity <= 0) or (distance is not None and distance <= 0):
        return False  # insolvent, or past its liquidation price
    if isinstance(target, str):
        return bool(answer["score"] <= TARGETS[target])
    if "score" in target:
        return bool(answer["score"] <= target["score"])
    if fifth is None:
        return bool(answer["standing"]["place"] == "not_in_queue")
    return bool(fifth > target["leave_fifth"])


def find_fifth(
    request: Mapping[str, Any], body: Mapping[str, Any], answer: Mapping[str, Any], rank: Rank | None
) -> int | None:
    """The fifth that the position or leg of ``body`` begins in: ranked as one more row, the first of equal keys."""
    if "book" not in request or rank is None or answer["queue"] is None:
        return None
    venue = request.get("venue", "generic")
    position = body["position"] if "position" in body else of_leg(request, body)
    own = {name: position[name] for name in _OF_A_ROW if position.get(name) is not None} | {"id": "own row"}
    if "position" not in body and position.get("margin_mode", "cross") == "cross":
        own["equity"] = answer["state"]["equity"]
    book = {
        "venue": venue,
        "mark_price": position["mark_price"],
        "contract": position.get("contract", "linear"),
        "contract_size": position.get("contract_size", 1.0),
        "positions": [*rows_of(request["book"]), own],
        "side": position["side"],
    }
    key = answer["queue"]
    by_accounts = venue in _BY_ACCOUNTS
    found = [
        fifth_of(rank({**book, **named}), each, by_accounts=by_accounts)
        for named, each in [({}, key), *(({"formula": each["formula"]}, each) for each in key["alternatives"] or ())]
    ]
    return min([fifth for fifth in found if fifth is not None], default=None)


def fifth_of(ranked: Mapping[str, Any], own: Mapping[str, Any], *, by_accounts: bool) -> int | None:
    """The fifth that the share with a higher key than the position's ``own`` says."""
    (side,) = ranked["queues"].values()
    queue = [row for row in side["positions"] if row["eligible"]]
    row = next((row for row in queue if row["id"] == "own row"), None)
    if row is None:
        return None
    key = row["priority"]
    assert key == own["priority"]
    ahead = [other for other in queue if other["priority"] > key and not math.isclose(other["priority"], key)]
    weights = [1.0 if by_accounts else other["size"] for other in ahead]
    share = sum(weights) / (len(queue) if by_accounts else sum(other["size"] for other in queue))
    return min(5, math.floor(share * 5 + 1e-9) + 1)


def figures_of(answer: Mapping[str, Any], *, is_leg: bool, fifth: int | None) -> Plain:
    """What a plan tells of a score, from the answer that has it."""
    return {
        **{name: answer[name] for name in _FIELDS},
        "danger": answer["nearer_danger"]["danger"],
        **{name: answer["state"][name] for name in _OF_THE_STATE},
        "gross_leverage": answer["signals"][0]["value"] if is_leg else None,
        "priority": None if answer["queue"] is None else answer["queue"]["priority"],
        "fifth": fifth,
    }


def check_plan(
    request: Mapping[str, Any],
    plan: Mapping[str, Any],
    rescore: Rescore,
    rank: Rank | None = None,
    *,
    least: bool = True,
) -> None:
    """Assert the laws of ``plan``, the answer to ``request``; ``rank`` is needed where it has a book.

    ``least``: also that a step less misses the target, which holds where a step is more than the last bits of amounts.
    """
    is_leg = "leg" in request and of_leg(request, request).get("margin_mode", "cross") == "cross"
    now = rescore(_as_it_is(request))
    fifth = find_fifth(request, request, now, rank)
    assert figures_of(now, is_leg=is_leg, fifth=fifth) == plan["now"]
    assert plan["reached"] is has_target(request["target"], now, fifth)
    if plan["reached"] or request.get("candidate"):  # a candidate that cannot be told is null
        assert plan["options"] == []
        assert plan["reachable"] or not plan["reached"]
        return
    check_order(plan, has_depth=request.get("depth") is not None)
    by_itself = [option for option in plan["options"] if option["action"] != "close"]
    assert plan["reachable"] is any(option["reaches_target"] for option in by_itself)
    for option in by_itself:
        check_option(request, plan, option, rescore, rank, is_leg=is_leg, least=least)
    alone = any(option["reaches_target"] for option in by_itself if "_and_" not in option["action"])
    pairs = [option for option in by_itself if "_and_" in option["action"]]
    assert not (alone and pairs), "a pair where one does"
    assert all(option["reaches_target"] for option in pairs)
    close = next(option for option in plan["options"] if option["action"] == "close")
    assert close["reaches_target"]
    assert close["after"]["score"] == 0
    if not is_leg or len(request["positions"]) == 1:
        assert close["request"] is None
    elif close["request"] is not None:
        ids = [leg["id"] for leg in request["positions"] if leg["id"] != request["leg"]]
        assert [leg["id"] for leg in close["request"]["positions"]] == ids


def check_option(
    request: Mapping[str, Any],
    plan: Mapping[str, Any],
    option: Mapping[str, Any],
    rescore: Rescore,
    rank: Rank | None,
    *,
    is_leg: bool,
    least: bool,
) -> None:
    """Assert that an option keeps what it promises, is the least that does, and makes nothing worse."""
    answer = rescore(option["request"])
    after = option["after"]
    fifth = find_fifth(request, option["request"], answer, rank)
    assert figures_of(answer, is_leg=is_leg, fifth=fifth) == after, option["action"]
    assert after["score"] <= plan["now"]["score"], option["action"]
    assert option["reaches_target"] is has_target(request["target"], answer, fifth)
    if option["reaches_target"] and least:
        less = one_step_less(request, option)
        if less is not None:
            missed = rescore(less)
            place = find_fifth(request, less, missed, rank)
            is_worse = missed["score"] > plan["now"]["score"]  # a profit counts again once there is an equity
            is_it = has_target(request["target"], missed, place) and not is_worse
            assert _is_at_an_end(missed) or not is_it, f"{option['action']}: less does it"


def _is_at_an_end(answer: Mapping[str, Any]) -> bool:
    """Whether it stands at bankruptcy or liquidation but for the rounding of sums."""
    state = answer["state"]
    distances = [state["liquidation_distance"], state["equity"] and state["equity"] / state["notional"]]
    return any(distance is not None and abs(distance) < 1e-9 for distance in distances)


def _as_it_is(request: Mapping[str, Any]) -> Plain:
    """The body that scores the position or the account as it is."""
    asked = ("target", "leg", "book", "candidate", "orders", "depth", "taker_fee", "lot_size", "margin_step")
    left_out = (*asked, "margin_mode")
    body = {name: value for name, value in request.items() if value is not None and name not in left_out}
    body.setdefault("venue", "generic")  # which a plan may leave out, and an account may not
    if "position" in body and "margin_mode" in request:
        body["position"] = {**body["position"], "margin_mode": request["margin_mode"]}
    return body


def one_step_less(request: Mapping[str, Any], option: Mapping[str, Any]) -> Plain | None:
    """The option's request with one step of margin or one lot less done; ``None`` where there are no steps."""
    action, body = option["action"], dict(option["request"])
    if action.endswith("add_margin"):
        step = request.get("margin_step") or (1e-8 if is_inverse(request) else 0.01)
        if action == "roll_and_add_margin" and option["amount"] == step:
            return None  # a roll alone is an option of its own, or impossible with what there is
        return _shift_margin(body, request, -step)
    if action.endswith("reduce_size"):
        return _enlarge(body, request, request.get("lot_size") or 1e-8)
    return None


def check_order(plan: Mapping[str, Any], *, has_depth: bool) -> None:
    """Assert that the options reach the target first, then cost less, then take less margin."""

    def rank(option: Mapping[str, Any]) -> tuple[bool, float, float]:
        cost = option["cost"]
        unknown = has_depth and cost["slippage"] is None
        return (
            not option["reaches_target"],
            math.inf if unknown else cost["fees"] + (cost["slippage"] or 0.0),
            cost["margin"] or 0.0,
        )

    ranks = [rank(option) for option in plan["options"]]
    assert ranks == sorted(ranks)


def is_inverse(request: Mapping[str, Any]) -> bool:
    position = request["position"] if "position" in request else of_leg(request, request)
    return bool(position.get("contract") == "inverse")


def of_leg(request: Mapping[str, Any], body: Mapping[str, Any]) -> Plain:
    """The leg of ``body`` that ``request`` plans for."""
    leg: Plain = next(leg for leg in body["positions"] if leg["id"] == request["leg"])
    return leg


def _shift_margin(body: Plain, request: Mapping[str, Any], by: float) -> Plain:
    """``body`` with ``by`` more behind its position."""
    names = ("equity", "margin", "wallet_balance")
    if "positions" not in body:
        position = dict(body["position"])
        _shift(position, names, by)
        return {**body, "position": position}
    leg = dict(of_leg(request, body))
    if leg.get("margin_mode", "cross") == "cross":
        shifted = dict(body)
        _shift(shifted, names, by)
        return shifted
    _shift(leg, names, by)
    return {**body, "positions": [leg if each["id"] == leg["id"] else each for each in body["positions"]]}


def _shift(given: Plain, names: tuple[str, ...], by: float) -> None:
    for name in names:
        if given.get(name) is not None:
            given[name] = float(Decimal(repr(float(given[name]))) + Decimal(repr(by)))


def _enlarge(body: Plain, request: Mapping[str, Any], by: float) -> Plain:
    """``body`` with ``by`` more of its position, with the same equity behind it."""
    if "positions" not in body:
        position = dict(body["position"])
        size = position["size"]
        _shift(position, ("size",), by)
        if position["margin_mode"] == "isolated":  # which takes its share of all
            for name in ("margin", "equity", "wallet_balance", "maintenance_margin", "maintenance_amount"):
                if position.get(name) is not None:
                    position[name] *= position["size"] / size
        return {**body, "position": position}
    leg = dict(of_leg(request, body))
    _shift(leg, ("size",), by)
    if body.get("wallet_balance") is not None:  # less is realized then
        body["wallet_balance"] -= pnl_of({**leg, "size": by})
    return {**body, "positions": [leg if each["id"] == leg["id"] else each for each in body["positions"]]}
