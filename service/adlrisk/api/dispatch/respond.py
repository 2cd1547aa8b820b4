"""How an endpoint answers: guard, negotiate, read, decode, call, encode. Nothing here knows who dispatched to it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, NamedTuple

from litestar.types import HTTPScope, Receive
from msgspec import Struct

from adlrisk.api.bulk.job import Job, Outcome
from adlrisk.api.dispatch.context import Service
from adlrisk.api.dispatch.endpoint import Call, Endpoint, Reply
from adlrisk.api.http import codecs
from adlrisk.api.http.body import announces_at_most, read_body
from adlrisk.api.http.content_types import answer_media_type, request_media_type
from adlrisk.api.http.headers import Headers
from adlrisk.api.http.validation import decode_body

NEGOTIATED: Final = {"vary": "accept"}  # in answers that come in the format that was asked for
_NOWHERE: Final[Mapping[str, Any]] = {}


class Asked(NamedTuple):
    """A request whose body is still to be read."""

    scope: HTTPScope
    headers: Headers
    receive: Receive
    path: Mapping[str, Any] = _NOWHERE

    @property
    def request_id(self) -> str:
        """The id it goes by."""
        request_id: str = self.scope["state"]["request_id"]
        return request_id


class Encoded(Struct, frozen=True, kw_only=True):
    """An answer as it goes out."""

    media_type: str
    status: int = 200
    headers: Mapping[str, str] = {}
    pieces: list[bytes]


Answerer = Callable[[Asked], Awaitable[Encoded]]


def answerer(endpoint: Endpoint, service: Service) -> Answerer:
    """What answers for an endpoint, once the request may ask it."""
    answer_of = _book_answerer(endpoint, service) if endpoint.work else _call_answerer(endpoint, service)
    places = service.lanes[endpoint.lane] if endpoint.lane else None
    policy = rate_policy(endpoint, service)
    # A batch as small as a single score costs no more than one.
    small = service.settings.max_score_bytes if endpoint.lane == "batches" else 0

    async def answer(asked: Asked) -> Encoded:
        if policy is not None:
            await service.rate_limits.admit(policy, asked.scope, asked.headers)
        service.keys.admit(endpoint.access, asked.headers)
        if places is not None and not announces_at_most(small, asked.headers):
            asked.scope["state"]["held"].enter_context(places.place())  # until the answer has been sent
        return await answer_of(asked)

    return answer


def rate_policy(endpoint: Endpoint, service: Service) -> Any:
    """The limit on how often a caller may ask the endpoint; ``None`` where there is none."""
    if endpoint.access == "open":
        return None
    return service.rate_limits.policy("batches" if endpoint.lane else "requests")


class Conversation:
    """How an endpoint with a handler understands a request and puts its answer into bytes."""

    def __init__(self, endpoint: Endpoint, service: Service) -> None:
        self._service = service
        self._body = endpoint.body
        self._negotiates = endpoint.negotiates
        both = (codecs.JSON, codecs.MSGPACK)
        self._decoders = {codec.name: codec.build_decoder(self._body.type) for codec in both} if self._body else {}

    def agreed(self, head: Headers) -> tuple[codecs.Codec, str]:
        """How the body is read, and the media type of the answer, empty where the endpoint has one of its own.

        Raises:
            ProblemError: what the head asks for is not spoken here (406, 415).
        """
        accepted = self._body.media_types if self._body else ()
        codec = codecs.CODECS[request_media_type(head, accepted)] if accepted else codecs.JSON
        return codec, answer_media_type(head) if self._negotiates else ""

    def call(
        self,
        head: Headers,
        body: bytes | bytearray,
        *,
        codec: codecs.Codec,
        media_type: str,
        request_id: str,
        path: Mapping[str, Any] = _NOWHERE,
    ) -> Call:
        """The request as a handler sees it.

        Raises:
            ProblemError: the body cannot be decoded, or breaks the schema (400).
        """
        return Call(
            service=self._service,
            headers=head,
            path=path,
            request_id=request_id,
            body=decode_body(self._decoders[codec.name], body) if self._body else None,
            codec=codec,
            answer_codec=codecs.CODECS.get(media_type, codecs.JSON),
        )


def _call_answerer(endpoint: Endpoint, service: Service) -> Answerer:
    """Negotiate, read, decode, call, encode."""
    body = endpoint.body
    conversation = Conversation(endpoint, service)

    async def answer(asked: Asked) -> Encoded:
        codec, media_type = conversation.agreed(asked.headers)
        sent = await _body_of(asked, body.limit(service), service) if body else []
        call = conversation.call(
            asked.headers,
            b"".join(sent),
            codec=codec,
            media_type=media_type,
            request_id=asked.request_id,
            path=asked.path,
        )
        encoded = _encoded(await endpoint.handled(call), media_type)
        take_effect(call)
        return encoded

    return answer


def take_effect(call: Call) -> None:
    """Count what a call's answer is counted as."""
    for effect in call.effects:
        effect()


def _book_answerer(endpoint: Endpoint, service: Service) -> Answerer:
    """Negotiate, read, and leave decoding, work and encoding to the desk for books."""
    work, body = endpoint.work, endpoint.body
    if work is None or body is None:
        raise LookupError(f"{endpoint.operation_id} is not about books")

    async def answer(asked: Asked) -> Encoded:
        job = book_job(endpoint, service, asked.headers, request_id=asked.request_id)
        sent = await _body_of(asked, body.limit(service), service)
        gone = asked.scope["state"]["gone"]
        outcome = await service.books.perform(job, sent, kind=body.type, work=work, venues=service.venues, gone=gone)
        enter_book(job, outcome, service)
        return Encoded(
            media_type=outcome.media_type,
            status=outcome.status,
            headers={**NEGOTIATED, **outcome.headers},
            pieces=outcome.pieces,
        )

    return answer


def book_job(endpoint: Endpoint, service: Service, head: Headers, *, request_id: str) -> Job:
    """The work that a request with a book asks for.

    Raises:
        ProblemError: what the head asks for is not spoken here (406, 415).
    """
    return Job(
        operation=endpoint.operation_id,
        sent=request_media_type(head),
        answered=answer_media_type(head),
        instance=request_id,
        overrides=service.venues.overrides,
    )


def enter_book(job: Job, outcome: Outcome, service: Service) -> None:
    """Count a book, and log what should not have happened."""
    if outcome.problem is not None:
        service.metrics.problem_answered(outcome.problem)
    if outcome.defect is not None:
        service.logger.error("defect", request_id=job.instance, exception=outcome.defect)
    tally = outcome.tally
    if tally is None:
        return
    service.metrics.book_worked_on(
        operation=job.operation, venue=tally.venue, positions=tally.positions, seconds=outcome.seconds
    )
    for policy, lots in tally.uncovered.items():
        service.metrics.allocated(policy=policy, uncovered_lots=lots)


async def _body_of(asked: Asked, limit: int, service: Service) -> list[bytes]:
    patience = service.settings.body_timeout_seconds
    return await read_body(asked.headers, asked.receive, limit=limit, timeout_seconds=patience)


def _encoded(answered: Any, negotiated: str) -> Encoded:
    reply = answered if isinstance(answered, Reply) else Reply(body=answered)
    if reply.media_type is not None:
        return Encoded(media_type=reply.media_type, status=reply.status, headers=reply.headers, pieces=[reply.body])
    content = b"" if reply.body is None else codecs.CODECS[negotiated].encode(reply.body)
    return Encoded(
        media_type=negotiated, status=reply.status, headers={**NEGOTIATED, **reply.headers}, pieces=[content]
    )
