"""The rows of the route table for pages, and their handlers."""

from collections.abc import Mapping
from typing import Any, Final

import htpy as h
import msgspec

from adlrisk.api.dispatch.context import AppContext
from adlrisk.api.dispatch.endpoint import Answer, Body, Call, Endpoint, PageCall, PageHandler, Parameter, Reply
from adlrisk.api.dispatch.pages.page_respond import HTML, PAGE_HEADERS
from adlrisk.api.endpoints.shared.conditional import revalidate
from adlrisk.api.http.etags import compute_etag
from adlrisk.api.http.problems import ProblemError
from adlrisk.page.assets import ASSETS
from adlrisk.page.book.routes import BOOK_PAGES
from adlrisk.page.calls import Caller, find_origin
from adlrisk.page.form.checking import Message, check, find_wrong_fields
from adlrisk.page.form.fields import KEY
from adlrisk.page.form.render import render_form, render_groups
from adlrisk.page.form.submitted import Submitted, read_form, read_query
from adlrisk.page.origin import reject_foreign_form
from adlrisk.page.replies import HTML_ONLY, build_reply, render_in_turns, render_problem
from adlrisk.page.result import Result, ask_all
from adlrisk.page.result_view import render_sections
from adlrisk.page.venues.routes import VENUE_PAGES
from adlrisk.page.view import render_no_result, render_nothing_yet, render_position_page

_TITLE: Final = "ADL risk of a position"
_FOREVER: Final = "public, max-age=31536000, immutable"
_UNAUTHORIZED: Final = 401


async def _answer_get(call: PageCall) -> Reply:
    submitted = read_query(call.query)
    if not submitted.is_empty:
        return await _answer(call, submitted)
    content = (await _render(call, submitted, status=200, messages=(), result=render_nothing_yet())).body
    reply = Reply(body=content, media_type=HTML, headers=PAGE_HEADERS)
    return revalidate(call, reply, etag=compute_etag(content))


async def _answer_post(call: PageCall) -> Reply:
    reject_foreign_form(call)
    return await _answer(call, read_form(call.body, call.headers.text(b"content-type")))


async def _answer(call: PageCall, submitted: Submitted) -> Reply:
    """Whatever was filled in, answered: a result, or what is wrong with it."""
    caller = Caller(call_api=call.call_api, key=submitted.key)
    checked = await check(submitted, caller)
    if checked.score is None:
        messages = checked.messages
        if checked.status == _UNAUTHORIZED:
            messages = tuple(Message(field=KEY, detail=message.detail) for message in messages)
        return await _render(
            call, submitted, status=checked.status, messages=messages, result=render_no_result(messages)
        )
    result = await ask_all(submitted.values, checked, caller)
    if submitted.wants_json:
        return Reply(body=_encode_answers(result), media_type="application/json")
    wrong = find_wrong_fields(result.exchanges, submitted.values)
    if wrong:
        return await _render(call, submitted, status=400, messages=wrong, result=render_no_result(wrong))
    needs_key = call.context.api_keys.reading_needs_key
    sections = render_sections(submitted, result, checked.score, origin=find_origin(call), with_key=needs_key)
    shown = await render_in_turns(sections, call.context.turns)
    return await _render(call, submitted, status=200, messages=(), result=shown, score=checked.score)


async def _render(
    call: PageCall,
    submitted: Submitted,
    *,
    status: int,
    messages: tuple[Message, ...],
    result: h.Node,
    score: Mapping[str, Any] | None = None,
) -> Reply:
    groups = render_groups(submitted.values, messages, venues=call.context.venues)
    form = render_form(
        await render_in_turns(groups, call.context.turns),
        messages,
        needs_key=call.context.api_keys.reading_needs_key,
    )
    content = render_position_page(submitted, messages=messages, form=form, result=result, score=score)
    title = f"Error: {_TITLE}" if messages else _TITLE
    return build_reply(title=title, here="position", content=content, status=status)


def _encode_answers(result: Result) -> bytes:
    """The exchanges as they are: a request and its answer each."""
    return msgspec.json.encode(
        [
            {
                "method": exchange.method,
                "path": exchange.path,
                "request": msgspec.Raw(exchange.body),
                "status": exchange.status,
                "answer": exchange.answer,
            }
            for exchange in result.exchanges
        ]
    )


def _handle_asset(call: Call) -> Reply:
    name = call.path["asset"]
    for asset in ASSETS.values():
        if name in (asset.name, asset.lasting_name):
            reply = Reply(body=asset.content, media_type=asset.media_type)
            reply = revalidate(call, reply, etag=compute_etag(asset.content))
            if name == asset.lasting_name:
                return msgspec.structs.replace(reply, headers={**reply.headers, "cache-control": _FOREVER})
            return reply
    raise ProblemError("not-found", "The page has no such part; GET /page shows the page")


def _form_limit(context: AppContext) -> int:
    return context.settings.max_score_bytes


# What GET / answers to browsers, too.
POSITION_PAGE: Final = PageHandler(render=_answer_get, render_problem=render_problem)

PAGES: Final = (
    Endpoint(
        method="GET",
        path="/page",
        operation_id="getPage",
        access="open",
        tag="Operations",
        summary="The page of a position",
        description="A form, and the result of what its parameters say.",
        handle=POSITION_PAGE,
        compresses=True,
        answers=HTML_ONLY,
    ),
    Endpoint(
        method="POST",
        path="/page",
        operation_id="postPage",
        access="open",
        tag="Operations",
        summary="The page of a position, for a form with an API key",
        description="The same in a body, so that the key is in no address.",
        handle=PageHandler(render=_answer_post, render_problem=render_problem),
        compresses=True,
        body=Body(type=bytes, limit=_form_limit, examples=(), media_types=("multipart/form-data",)),
        answers=HTML_ONLY,
    ),
    Endpoint(
        method="GET",
        path="/page/{asset}",
        operation_id="getPageAsset",
        access="open",
        tag="Operations",
        summary="Style, script and icon of the page",
        description="Under names that change with their content.",
        handle=_handle_asset,
        compresses=True,
        parameters=(
            Parameter(
                name="asset", place="path", description="Its name.", schema={"type": "string"}, example="page.css"
            ),
        ),
        answers={200: Answer(description="The file.", type=str, media_types=("text/css",))},
    ),
    *BOOK_PAGES,
    *VENUE_PAGES,
)
