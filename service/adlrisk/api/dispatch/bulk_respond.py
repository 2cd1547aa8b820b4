"""Responses to requests with a book: one job from body to content, in a worker process where the book is large."""

from typing import TYPE_CHECKING, Final

from adlrisk.api.bulk.job import BookLimits, BulkHandler, Job, Outcome
from adlrisk.api.dispatch.context import AppContext
from adlrisk.api.dispatch.endpoint import MAX_BYTES_NOW, Endpoint
from adlrisk.api.dispatch.responses.response import NEGOTIATED, EncodedResponse
from adlrisk.api.http.body import announces_at_most, announces_more_than, read_body
from adlrisk.api.http.content_types import Negotiated, negotiate
from adlrisk.api.http.headers import Headers
from adlrisk.api.limits.caller import identify_caller
from adlrisk.venues.market_records import Lookup, MarketKey

if TYPE_CHECKING:
    from adlrisk.api.dispatch.respond import Request


_SHARE_FOR_WORK: Final = 0.8  # of a book's time; the rest is for the worker to start, for the body and for the answer


class _Records:
    """The market records that a book may need, as any other request reads them."""

    def __init__(self, context: AppContext, *, caller: str) -> None:
        self._live_rules = context.live_rules
        self._caller = caller

    def cached(self, key: MarketKey) -> Lookup | None:
        found = self._live_rules.cached_records([key])
        return None if found is None else found[key]

    async def read(self, key: MarketKey) -> Lookup:
        return (await self._live_rules.records([key], caller=self._caller))[key]


class BulkResponder:
    """Answers with what a ``BulkHandler`` makes of a book."""

    def __init__(self, endpoint: Endpoint, handler: BulkHandler, context: AppContext) -> None:
        if endpoint.body is None:
            raise LookupError(f"{endpoint.operation_id} takes no book")
        self._offer = endpoint.offer(context.settings)
        self._handler = handler
        self._context = context
        self._pool = context.pools.books
        self._limit = endpoint.body.limit(context)
        self._book_limits = BookLimits(
            max_positions=context.settings.max_positions, max_answer_bytes=context.settings.max_answer_bytes
        )

    async def respond(self, request: "Request") -> EncodedResponse:
        """The response to an admitted request."""
        negotiated, context = self.negotiate(request.headers), self._context
        if self._is_large(request.headers):
            await context.worker_pool.start_early()
        chunks = await read_body(
            request.headers,
            request.receive,
            limit=self._limit,
            timeout_seconds=context.settings.body_timeout_seconds,
            coding=negotiated.body_coding,
        )
        return await self.answer(request, chunks, negotiated)

    async def answer(self, request: "Request", chunks: list[bytes], negotiated: Negotiated) -> EncodedResponse:
        """The response to a request whose body is ``chunks``, which are used up."""
        context, job = self._context, self._job(negotiated, request_id=request.request_id)
        outcome = await context.worker_pool.run(
            job,
            chunks,
            handler=self._handler,
            venues=context.venues,
            records=_Records(context, caller=identify_caller(request.scope, request.headers, context.api_keys)),
            gone=request.scope["state"]["gone"],
        )
        self._count(job, outcome)
        response = EncodedResponse(
            media_type=outcome.media_type,
            status=outcome.status,
            headers={**NEGOTIATED, **outcome.headers},
            pieces=outcome.pieces,
        )
        if not self._offer.compresses:
            return response
        return await context.compressor.compress(response, negotiated.answer_codings)

    def negotiate(self, headers: Headers) -> Negotiated:
        """The media types and codings of body and answer."""
        return negotiate(headers, self._offer)

    def respond_now(
        self,
        headers: Headers,  # noqa: ARG002 (as ``Responder`` has it)
        body: bytes | bytearray,
        negotiated: Negotiated,
        *,
        request_id: str,
    ) -> bytes | None:
        """The content of a 200 for a small book, without waiting for anything."""
        # What is large once it is answered is compressed in a thread, the ordinary way.
        most = self._limit if negotiated.answer_codings.best is None else min(self._limit, MAX_BYTES_NOW)
        if len(body) > most or self._pool.is_full:
            return None
        job, context = self._job(negotiated, request_id=request_id), self._context
        outcome = context.worker_pool.run_now(
            job, body, handler=self._handler, venues=context.venues, records=_Records(context, caller="")
        )
        if outcome is None or outcome.problem is not None:
            return None
        self._count(job, outcome)
        return b"".join(outcome.pieces)

    def _is_large(self, headers: Headers) -> bool:
        """Whether the head announces a book for the worker."""
        inline_bytes = self._context.settings.inline_book_bytes
        return announces_more_than(inline_bytes, headers) and announces_at_most(self._limit, headers)

    def _job(self, negotiated: Negotiated, *, request_id: str) -> Job:
        context = self._context
        return Job(
            operation=self._handler.operation,
            body_media_type=negotiated.body,
            answer_media_type=negotiated.answer,
            request_id=request_id,
            now=context.clock(),
            limits=self._book_limits,
            seconds=_SHARE_FOR_WORK * context.settings.book_timeout_seconds,
            coding=negotiated.answer_codings.best,
            compress_from_bytes=context.compressor.smallest(negotiated.answer_codings),
            cards=context.venues.local,
            overrides=context.venues.overrides,
        )

    def _count(self, job: Job, outcome: Outcome) -> None:
        """Count a book, and log a defect."""
        metrics, tally = self._context.metrics, outcome.tally
        if outcome.problem is not None:
            metrics.count_problem(outcome.problem)
        if outcome.defect is not None:
            self._context.logger.error("defect", request_id=job.request_id, exception=outcome.defect)
        if tally is None:
            return
        metrics.count_book(
            operation=job.operation, venue=tally.venue, positions=tally.positions, seconds=outcome.seconds
        )
        if tally.steps is not None:
            metrics.count_simulated_steps(operation=job.operation, steps=tally.steps)
        if tally.plan is not None:
            metrics.count_plan(venue=tally.venue, outcome=tally.plan)
        for policy, lots in tally.uncovered.items():
            metrics.count_allocation(policy=policy, uncovered_lots=lots)
