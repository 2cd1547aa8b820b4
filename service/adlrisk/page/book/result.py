"""What a book leads to: the calls of the API, one after the other, and what is wrong with the form."""

import asyncio
import difflib
from collections.abc import Iterable, Mapping
from typing import Any, Final

from msgspec import Struct

from adlrisk.api.endpoints.adl.allocate import ALLOCATE
from adlrisk.api.endpoints.queue.rank import RANK
from adlrisk.api.endpoints.stress.exposure import EXPOSURE
from adlrisk.domain.deleverage.policies import POLICIES, RANKED_POLICIES
from adlrisk.page.book.bodies import (
    FullBook,
    Values,
    build_allocate,
    build_exposure,
    build_rank,
    complete_book,
    has_bankrupt,
    has_chain,
    has_own_position,
)
from adlrisk.page.book.fields import BOOK, FIELDS, FILE, LABELS, OWN, OWN_ID
from adlrisk.page.book.messages import explain_problem
from adlrisk.page.book.reading.parsed import BookTextError, ParsedBook, shorten
from adlrisk.page.book.reading.read import read_book_text
from adlrisk.page.book.reading.text import read_text
from adlrisk.page.book.submitted import SubmittedBook
from adlrisk.page.calls import Caller, Exchange
from adlrisk.page.form.checking import REPEATED, Message

_BAD_REQUEST: Final = 400
_MOST_ROUNDS: Final = 8  # one wrong field is found in each
# What a wrong field is taken for while the others are checked, where it is required.
_STAND_INS: Final = {"venue": "generic", "mark_price": "1"}
_OF_ONE_FIELD: Final = ("invalid-request", "unknown-venue")
_INLINE_BYTES: Final = 16 << 10  # a larger text is read in a thread, so that others are answered meanwhile
# What the venue's rule does not say: the queue cannot be shown, and all else can.
_NO_RANKING: Final = ("venue-has-no-queue", "queue-formula-unknown")
# What is missing for a section, and no mistake.
_UNKNOWN: Final = (*_NO_RANKING, "input-required", "fund-drawdown-required", "fill-price-required")


class BookResult(Struct, frozen=True, kw_only=True):
    """The exchanges with the API about a book, those that there are, and what is wrong with the form."""

    status: int = 200
    messages: tuple[Message, ...] = ()
    book: FullBook | None = None
    rank: Exchange | None = None
    allocate: Exchange | None = None
    exposure: Exchange | None = None

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Those that there are, in the order of the page."""
        return tuple(filter(None, (self.rank, self.allocate, self.exposure)))


async def answer_book(submitted: SubmittedBook, caller: Caller) -> BookResult:
    """Everything about a book that was sent.

    Raises:
        ClientDisconnectedError: the client went away, which ends the work.
    """
    if submitted.repeated:
        return refuse_repeated(submitted)
    values = submitted.values
    try:
        parsed = await _read(submitted.book)
    except BookTextError as error:
        return await _refuse(Message(field=BOOK, detail=str(error)), ParsedBook(positions=()), values, caller)
    message = _find_own_error(values, parsed)
    if message is not None:
        others = {name: text for name, text in values.items() if not name.startswith(OWN)}  # which one is meant is open
        return await _refuse(message, parsed, others, caller)
    book = complete_book(parsed, values)
    rank = await caller.post(RANK, build_rank(values, book))
    if rank.problem is not None and slug_of(rank.problem) not in _NO_RANKING:
        return BookResult(status=rank.status, messages=await _collect_messages(rank.problem, book, values, caller))
    allocate = await _ask_allocate(values, book, caller, is_ranked=rank.problem is None)
    exposure = None
    if book.own_index is not None and has_chain(values):
        exposure = await caller.post(EXPOSURE, build_exposure(values, book))
    wrong = [each for each in (allocate, exposure) if each and each.problem and slug_of(each.problem) not in _UNKNOWN]
    messages = (message for each in wrong if each.problem for message in explain_problem(each.problem, book))
    return BookResult(
        status=wrong[0].status if wrong else 200,
        messages=tuple({message.field: message for message in messages}.values()),
        book=book,
        rank=rank,
        allocate=allocate,
        exposure=exposure,
    )


def refuse_repeated(submitted: SubmittedBook) -> BookResult:
    """The result for a form in which something was given more than once: nobody knows which of them is meant."""
    details = {name: REPEATED for name in submitted.repeated if name != FILE}
    if FILE in submitted.repeated:
        details |= {BOOK: "more than one file was sent; send one"}
    messages = (Message(field=name, detail=detail) for name, detail in details.items())
    return BookResult(status=_BAD_REQUEST, messages=_order(messages))


def slug_of(problem: Mapping[str, Any]) -> str:
    """The last part of a problem's type."""
    slug: str = problem["type"].rpartition("/")[2]
    return slug


async def _read(content: bytes) -> ParsedBook:
    if len(content) <= _INLINE_BYTES:
        return _read_now(content)
    return await asyncio.to_thread(_read_now, content)


def _read_now(content: bytes) -> ParsedBook:
    return read_book_text(read_text(content))


async def _refuse(message: Message, parsed: ParsedBook, values: Values, caller: Caller) -> BookResult:
    """The result for what the API is not told, and what it finds wrong with the rest: the book, and the form."""
    book = complete_book(parsed, values)
    rank = await caller.post(RANK, build_rank(values, book))
    if rank.problem is None or slug_of(rank.problem) in _NO_RANKING:
        return BookResult(status=_BAD_REQUEST, messages=(message,))
    others = await _collect_messages(rank.problem, book, values, caller)
    return BookResult(status=_BAD_REQUEST, messages=_order((message, *others)))


def _find_own_error(values: Values, parsed: ParsedBook) -> Message | None:
    """What is wrong with which position is one's own."""
    own_id = values.get(OWN_ID)
    if own_id is None:
        return None
    if has_own_position(values):
        return Message(field=OWN_ID, detail="give the id of a position in the book, or a position beside it, not both")
    if parsed.find(own_id) is not None:
        return None
    ids = [
        id_
        for position in parsed.positions
        if isinstance(position, dict) and isinstance(id_ := position.get("id"), str)
    ]
    nearest = next(iter(difflib.get_close_matches(own_id[:64], ids, n=1)), None)
    meant = f"; the nearest is {nearest!r}" if nearest else ""
    return Message(field=OWN_ID, detail=f"no position in the book has the id {shorten(own_id)!r}{meant}")


async def _collect_messages(
    problem: Mapping[str, Any], book: FullBook, values: Values, caller: Caller
) -> tuple[Message, ...]:
    """All that is wrong with a ranking: the API stops at the first field, so it is asked again without that one."""
    messages: dict[str, Message] = {}
    left = dict(values)
    for _ in range(_MOST_ROUNDS):
        found = explain_problem(problem, book)
        new = {message.field: message for message in found if message.field not in messages}
        messages |= new
        names = [message.field for message in found]
        if not new or slug_of(problem) not in _OF_ONE_FIELD or not all(name in FIELDS for name in names):
            break
        left = {name: text for name, text in left.items() if name not in names}
        left |= {name: text for name, text in _STAND_INS.items() if name in names}
        book = complete_book(book.parsed, left)
        again = await caller.post(RANK, build_rank(left, book))
        if again.problem is None:
            break
        problem = again.problem
    return _order(messages.values())


def _order(messages: Iterable[Message]) -> tuple[Message, ...]:
    """In the order of the page; what is wrong with the whole request comes last."""
    places = {name: place for place, name in enumerate(LABELS)}
    return tuple(sorted(messages, key=lambda message: places.get(message.field, len(places))))


async def _ask_allocate(values: Values, book: FullBook, caller: Caller, *, is_ranked: bool) -> Exchange | None:
    """The exchange about a bankrupt position; without the policies that need a ranking where there is none."""
    if not has_bankrupt(values):
        return None
    policies = [policy for policy in POLICIES if is_ranked or policy not in RANKED_POLICIES]
    return await caller.post(ALLOCATE, build_allocate(values, book, policies=policies))
