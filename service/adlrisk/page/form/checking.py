"""The first answer to what was filled in: the score, or everything that the API finds wrong with the fields."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from msgspec import Struct

from adlrisk.api.endpoints.account.account import ACCOUNT
from adlrisk.api.endpoints.score.score import SCORE
from adlrisk.page.calls import Caller, Exchange
from adlrisk.page.form.bodies import build_account, build_score, find_field, has_hedge, read_value
from adlrisk.page.form.fields import CHAIN, FIELDS
from adlrisk.page.form.submitted import Submitted

REPEATED: Final = "given more than once; say it once"

_MOST_ROUNDS: Final = 12  # one error is found in each
# What a wrong field is taken for while the others are checked, where it is required.
_STAND_INS: Final = {"venue": "generic", "side": "long", "size": "1", "entry_price": "1", "mark_price": "1"} | {
    "hedge_side": "short",
    "hedge_size": "1",
    "hedge_entry_price": "1",
    "hedge_mark_price": "1",
}
_ENTRY_IS_NOT_MARK: Final = (
    "must be the mark price while the position is planned: one that is not open yet is opened at the mark price, and "
    "has no profit that could back it"
)
_NO_ENTRIES: Final = (
    "must be prices with their shares, as price:share with spaces between, where the shares sum to 1, such as "
    "1950:0.2 2000:0.3 2080:0.5"
)
_OF_ONE_FIELD: Final = ("invalid-request", "unknown-venue")


class Message(Struct, frozen=True, kw_only=True):
    """What is wrong with a field; with ``field`` empty, with the whole request."""

    field: str = ""
    detail: str


class Checked(Struct, frozen=True, kw_only=True):
    """The exchange with the API about the values as they are, the score in it, and what is wrong with them."""

    exchange: Exchange | None
    score: Mapping[str, Any] | None
    status: int
    messages: tuple[Message, ...]


async def check(submitted: Submitted, caller: Caller) -> Checked:
    """Score what was filled in.

    The API stops at the first thing that is wrong, so it is asked again without that, until it finds no more.
    """
    messages = _find_own_errors(submitted)
    if messages:
        return Checked(exchange=None, score=None, status=400, messages=tuple(messages.values()))
    values = dict(submitted.values)
    first = await _ask(values, caller)
    exchange = first
    for _ in range(_MOST_ROUNDS):
        problem = find_problem(exchange)
        if problem is None:
            break
        is_first = exchange is first
        if not is_first and _slug(problem) not in _OF_ONE_FIELD:  # it may be of the stand-ins
            break
        found = _read_errors(problem)
        new = [message for message in found if message.field not in messages]
        messages |= {message.field: message for message in new}
        if not new or not all(message.field for message in new) or _slug(problem) not in _OF_ONE_FIELD:
            break
        for message in new:
            values.pop(message.field, None)
            values |= {name: text for name, text in _STAND_INS.items() if name == message.field}
        exchange = await _ask(values, caller)
    problem = find_problem(first)
    status = first.status if problem is None else problem["status"]
    return Checked(
        exchange=first, score=None if problem else find_score(first), status=status, messages=tuple(messages.values())
    )


def find_problem(exchange: Exchange) -> Mapping[str, Any] | None:
    """The problem of an exchange, or the first in the place of a leg of its account."""
    if exchange.problem is not None:
        return exchange.problem
    for index, leg in enumerate(exchange.answer.get("positions", ())):
        if "type" in leg:
            problem: Mapping[str, Any] = leg
            return {**problem, "errors": problem.get("errors") or [{"pointer": f"/positions/{index}", **problem}]}
    return None


def find_score(exchange: Exchange) -> Mapping[str, Any]:
    """The score of the position in an answer of ``POST /score`` or ``POST /account``."""
    answer: Mapping[str, Any] = exchange.answer
    return answer["positions"][0] if "positions" in answer else answer


def find_wrong_fields(exchanges: Iterable[Exchange], values: Mapping[str, str]) -> tuple[Message, ...]:
    """What the API finds wrong with fields that a score does not need, once it has been asked the rest."""
    problems = [exchange.problem for exchange in exchanges if exchange.problem is not None]
    found = [message for problem in problems if _slug(problem) in _OF_ONE_FIELD for message in _read_errors(problem)]
    wrong = {message.field: message for message in found if message.field in values}
    return tuple(message for name, message in wrong.items() if FIELDS[name].part == CHAIN)


async def _ask(values: Mapping[str, str], caller: Caller) -> Exchange:
    if has_hedge(values):
        return await caller.post(ACCOUNT, build_account(values))
    return await caller.post(SCORE, build_score(values))


def _find_own_errors(submitted: Submitted) -> dict[str, Message]:
    """What the API is not asked about, since the page knows better what is wrong."""
    messages = {name: Message(field=name, detail=REPEATED) for name in submitted.repeated}
    if has_hedge(submitted.values) and "symbol" not in submitted.values:
        detail = "required with a hedge: the positions of an account are told apart by their symbols"
        messages["symbol"] = Message(field="symbol", detail=detail)
    if _has_profit_before_it_is_open(submitted.values):
        messages["entry_price"] = Message(field="entry_price", detail=_ENTRY_IS_NOT_MARK)
    if "entries" in submitted.values and isinstance(read_value("entries", submitted.values["entries"]), str):
        messages["entries"] = Message(field="entries", detail=_NO_ENTRIES)
    return messages


def _has_profit_before_it_is_open(values: Mapping[str, str]) -> bool:
    """Whether a planned position has another entry price than the mark price: its profit would back it."""
    if values.get("planned") != "true":
        return False
    entry, mark = (read_value(name, values.get(name, "")) for name in ("entry_price", "mark_price"))
    if isinstance(entry, str) or isinstance(mark, str):  # the API says what is wrong with them
        return False
    return float(bytes(entry)) != float(bytes(mark))


def _read_errors(problem: Mapping[str, Any]) -> list[Message]:
    errors = problem.get("errors") or [{"pointer": "", "detail": problem["detail"]}]
    return [Message(field=find_field(error["pointer"]) or "", detail=error["detail"]) for error in errors]


def _slug(problem: Mapping[str, Any]) -> str:
    slug: str = problem["type"].rpartition("/")[2]
    return slug
