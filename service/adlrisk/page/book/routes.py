"""The rows of the route table for the page of a book, and their handlers."""

import itertools
from typing import Final

import msgspec

from adlrisk.api.dispatch.context import AppContext
from adlrisk.api.dispatch.endpoint import Answer, Body, Call, Endpoint, PageCall, PageHandler, Reply
from adlrisk.api.endpoints.shared.conditional import revalidate
from adlrisk.api.http.etags import compute_etag
from adlrisk.page.book.form import BOOK_ADDRESS, render_book_form
from adlrisk.page.book.result import BookResult, answer_book, refuse_repeated
from adlrisk.page.book.sample import SAMPLE_BOOK
from adlrisk.page.book.submitted import SubmittedBook, read_book_form, read_book_query
from adlrisk.page.book.view import render_book_page, render_book_sections
from adlrisk.page.calls import Caller, find_origin
from adlrisk.page.origin import reject_foreign_form
from adlrisk.page.replies import HTML_ONLY, build_reply, render_in_turns, render_problem

MAX_FORM_BYTES: Final = 2 << 20  # 5,000 positions with all their fields

_TITLE: Final = "A book"


async def _answer_get(call: PageCall) -> Reply:
    submitted = read_book_query(call.query)
    if submitted.repeated:
        return await _render(call, submitted, refuse_repeated(submitted))
    reply = await _render(call, submitted, None)
    return revalidate(call, reply, etag=compute_etag(reply.body))


async def _answer_post(call: PageCall) -> Reply:
    reject_foreign_form(call)
    submitted = read_book_form(call.body, call.headers.text(b"content-type"))
    result = await answer_book(submitted, Caller(call_api=call.call_api, key=submitted.key))
    reply = await _render(call, submitted, result)
    return msgspec.structs.replace(reply, headers={**reply.headers, "cache-control": "no-store"})


async def _render(call: PageCall, submitted: SubmittedBook, result: BookResult | None) -> Reply:
    messages, needs_key = result.messages if result else (), call.context.api_keys.reading_needs_key
    venues = call.context.venues
    form = render_book_form(submitted, messages, venues=venues, needs_key=needs_key)
    sections = render_book_sections(
        submitted.values, result, venues=venues, origin=find_origin(call), with_key=needs_key
    )
    shown = await render_in_turns(itertools.chain([form], sections), call.context.turns)
    content = render_book_page(messages, needs_key=needs_key, form=shown[0], result=shown[1:])
    title = f"Error: {_TITLE}" if result is not None and result.messages else _TITLE
    return build_reply(title=title, here="book", content=content, status=result.status if result else 200)


def _handle_sample(_call: Call) -> Reply:
    return Reply(body=SAMPLE_BOOK.encode(), media_type="text/csv; charset=utf-8")


def _form_limit(context: AppContext) -> int:
    return min(MAX_FORM_BYTES, context.settings.max_book_bytes)


BOOK_PAGES: Final = (
    Endpoint(
        method="GET",
        path=BOOK_ADDRESS,
        operation_id="getBookPage",
        access="open",
        tag="Operations",
        summary="The page of a book",
        description="An empty form for a book.",
        handle=PageHandler(render=_answer_get, render_problem=render_problem),
        compresses=True,
        answers=HTML_ONLY,
    ),
    Endpoint(
        method="POST",
        path=BOOK_ADDRESS,
        operation_id="postBookPage",
        access="open",
        tag="Operations",
        summary="The page of a book, with its queue",
        description="The queue of a book, the policies side by side, and the chain to an ADL.",
        handle=PageHandler(render=_answer_post, render_problem=render_problem),
        compresses=True,
        body=Body(type=bytes, limit=_form_limit, examples=(), media_types=("multipart/form-data",)),
        answers=HTML_ONLY,
    ),
    Endpoint(
        method="GET",
        path=f"{BOOK_ADDRESS}/sample.csv",
        operation_id="getSampleBook",
        access="open",
        tag="Operations",
        summary="A sample book",
        description="Small, and made up.",
        handle=_handle_sample,
        answers={200: Answer(description="The book as CSV.", type=str, media_types=("text/csv",))},
    ),
)
