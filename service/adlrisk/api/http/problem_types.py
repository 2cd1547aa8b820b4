"""Every kind of error the service can answer, in one table."""

from typing import Final

from msgspec import Struct


class ProblemType(Struct, frozen=True, kw_only=True):
    """One kind of error: what callers may branch on, and what they can do."""

    slug: str
    title: str
    statuses: tuple[int, ...]
    explanation: str


PROBLEMS: Final[dict[str, ProblemType]] = {
    kind.slug: kind
    for kind in (
        ProblemType(
            slug="malformed-body",
            title="The body cannot be decoded",
            statuses=(400,),
            explanation="The body is empty, is not JSON or MessagePack as its Content-Type says, holds text "
            "that is not UTF-8, or is nested too deeply. Send one object.",
        ),
        ProblemType(
            slug="invalid-request",
            title="The request breaks the schema",
            statuses=(400,),
            explanation="A field is missing, unknown, of the wrong type or out of bounds. `errors` names it "
            "with a JSON Pointer; `/openapi.json` has the schema.",
        ),
        ProblemType(
            slug="not-found",
            title="There is nothing at this path",
            statuses=(404,),
            explanation="No endpoint has this path. `GET /` links to those there are.",
        ),
        ProblemType(
            slug="unknown-venue",
            title="There is no such venue",
            statuses=(422, 404),
            explanation="The id is not in the catalogue: 404 where it stands in the path, 422 in a body. "
            "`GET /venues` lists the ids; `generic` scores a venue that is not among them.",
        ),
        ProblemType(
            slug="unauthorized",
            title="A key is needed",
            statuses=(401,),
            explanation="The endpoint asks for an API key, and none was sent, or one that is not known. Send "
            "`Authorization: Bearer KEY` or `X-API-Key: KEY`.",
        ),
        ProblemType(
            slug="forbidden",
            title="The key may not do this",
            statuses=(403,),
            explanation="Admin keys may change venues and put markets on record, write keys may put markets on record, "
            "and all may read and score.",
        ),
        ProblemType(
            slug="writing-disabled",
            title="Nobody may do this here",
            statuses=(403,),
            explanation="No key is configured that would allow it. The operators turn it on by setting "
            "`ADLRISK_ADMIN_KEYS` or `ADLRISK_WRITE_KEYS` to digests that `adlrisk make-key` prints.",
        ),
        ProblemType(
            slug="unknown-market",
            title="Nothing is on record about the market",
            statuses=(404,),
            explanation="No record was put there, or it has expired. A score with this `symbol` rests on its request "
            "alone.",
        ),
        ProblemType(
            slug="precondition-failed",
            title="The card has changed meanwhile",
            statuses=(412,),
            explanation="`If-Match` names none of the card's current ETag. Get the card again, look at what has "
            "changed, and repeat the change against it.",
        ),
        ProblemType(
            slug="override-unreadable",
            title="What is kept for the venue cannot be built upon",
            statuses=(409,),
            explanation="It was written by another version of the service or by another hand, and is ignored. Upgrade "
            "the service, or delete the override and make the change anew.",
        ),
        ProblemType(
            slug="observed-out-of-time",
            title="The record would not hold now",
            statuses=(422,),
            explanation="`observed_at` lies more than a minute in the future, or so long ago that `ttl_seconds` are "
            "over. Check the clock of the one who observes.",
        ),
        ProblemType(
            slug="invalid-card",
            title="The change would make no valid card",
            statuses=(422,),
            explanation="What the card would become contradicts itself; nothing was changed. `errors` points to the "
            "value at fault.",
        ),
        ProblemType(
            slug="tiers-out-of-order",
            title="The maintenance tiers do not rise",
            statuses=(422,),
            explanation="Each tier's `up_to_notional` is larger than that of the tier before; null stands for no limit "
            "and is the last.",
        ),
        ProblemType(
            slug="contract-mismatch",
            title="The contract on record is another one",
            statuses=(422,),
            explanation="The record of the `symbol` gives another `contract` or `contract_size` than the request "
            "(or its default), and one of them would scale every amount wrongly. Send the contract's own.",
        ),
        ProblemType(
            slug="method-not-allowed",
            title="The path does not take this method",
            statuses=(405,),
            explanation="The `Allow` header of the answer lists the methods that the path takes.",
        ),
        ProblemType(
            slug="not-acceptable",
            title="No media type in Accept can be served",
            statuses=(406,),
            explanation="Answers are `application/json` or MessagePack (`application/msgpack`); leave `Accept` "
            "out for JSON.",
        ),
        ProblemType(
            slug="body-too-large",
            title="The body is larger than the endpoint takes",
            statuses=(413,),
            explanation="The limit stands in `detail`. It is a setting of the service; split large batches.",
        ),
        ProblemType(
            slug="body-too-slow",
            title="The body took too long to arrive",
            statuses=(408,),
            explanation="Send the whole body at once; how long it may take is a setting of the service.",
        ),
        ProblemType(
            slug="unsupported-media-type",
            title="The body's media type is not supported",
            statuses=(415,),
            explanation="Send `Content-Type: application/json` or `application/msgpack`, in UTF-8 and without "
            "a Content-Encoding; the `Accept` header of the answer lists what is taken.",
        ),
        ProblemType(
            slug="venue-has-no-meter",
            title="The venue publishes no ADL meter",
            statuses=(422,),
            explanation="A reading was sent for a venue whose card has no meter. Leave `adl_meter` out: the "
            "signal is unknown there.",
        ),
        ProblemType(
            slug="meter-out-of-scale",
            title="The reading is not on the venue's ADL scale",
            statuses=(422,),
            explanation="Send the reading exactly as the venue's API gives it. `GET /venues/{venue}` shows the "
            "meter's field, scale and direction.",
        ),
        ProblemType(
            slug="venue-has-no-queue",
            title="The venue has no ADL queue",
            statuses=(422,),
            explanation="The venue closes nobody by rank; `detail` says what it does instead, and "
            "`GET /venues/{venue}` in full. To allocate there, leave `venue` and `pro_rata_score` out of the policies.",
        ),
        ProblemType(
            slug="queue-formula-unknown",
            title="How the venue orders its queue is not known",
            statuses=(422,),
            explanation="The venue does not publish its ranking. `generic` ranks by profit and effective leverage, "
            "as an approximation. To allocate, leave `venue` and `pro_rata_score` out of the policies.",
        ),
        ProblemType(
            slug="maintenance-margin-required",
            title="The venue ranks by maintenance margin, and one is missing",
            statuses=(422,),
            explanation="Give each position `maintenance_margin_rate` (with `maintenance_amount` where its tier has "
            "one) or `maintenance_margin`; the result must be above 0.",
        ),
        ProblemType(
            slug="fill-price-required",
            title="At which price the venue closes is not known",
            statuses=(422,),
            explanation="The venue does not publish the fill price of an ADL. Send `fill_price`: `bankruptcy`, `mark` "
            "or a number.",
        ),
        ProblemType(
            slug="not-a-lot-multiple",
            title="A size is no whole number of lots",
            statuses=(422,),
            explanation="Closing goes by whole lots. Send sizes that are multiples of `lot_size`, each of at most "
            "2^48 lots and 2^62 together, or the lot size that the contract has.",
        ),
        ProblemType(
            slug="close-exceeds-position",
            title="More is to be closed than the position holds",
            statuses=(422,),
            explanation="`close.size` is in contracts and may be at most the position's `size`.",
        ),
        ProblemType(
            slug="ragged-columns",
            title="The columns of the book differ in length",
            statuses=(422,),
            explanation="Every column holds one value for each position, null where it has none; `errors` points to "
            "the one whose length is not that of `id`.",
        ),
        ProblemType(
            slug="margin-required",
            title="A position of the columns has neither margin nor leverage",
            statuses=(422,),
            explanation="Give each position a value in `margin` or in `leverage`. In rows the schema says so itself, "
            "and such a position is `invalid-request`.",
        ),
        ProblemType(
            slug="duplicate-id",
            title="An id stands twice in the book",
            statuses=(422,),
            explanation="Ids are how answers name positions: give each its own. `errors` points to the second.",
        ),
        ProblemType(
            slug="unknown-id",
            title="No position of the book has this id",
            statuses=(422,),
            explanation="`ids` may only name positions that the request holds.",
        ),
        ProblemType(
            slug="overloaded",
            title="The service has as much in hand as fits",
            statuses=(503,),
            explanation="Requests, large batches, books and connections each have a number of places, and all of one "
            "kind are taken; `detail` says which. Nothing was done. Try again after `Retry-After` seconds, or ask "
            "another replica.",
        ),
        ProblemType(
            slug="rate-limited",
            title="The caller asks too often",
            statuses=(429,),
            explanation="Each key, or without one each address, may ask so often; `RateLimit-Policy` says how often, "
            "`RateLimit` what is left. Nothing was read. Try again after `Retry-After` seconds. One `POST /scores` "
            "asks for many positions at once.",
        ),
        ProblemType(
            slug="head-too-large",
            title="Request line and headers are larger than the service takes",
            statuses=(431,),
            explanation="The limit stands in `detail`. It is a setting of the service.",
        ),
        ProblemType(
            slug="head-too-slow",
            title="Request line and headers took too long to arrive",
            statuses=(408,),
            explanation="Send the whole request at once; how long it may take is a setting of the service.",
        ),
        ProblemType(
            slug="worker-failed",
            title="The worker that had the book failed",
            statuses=(503,),
            explanation="It ended or took longer than the service allows, and is replaced. Nothing was changed: try "
            "again after `Retry-After` seconds, with a smaller book if it happens again.",
        ),
        ProblemType(
            slug="store-unavailable",
            title="The store of parameters failed",
            statuses=(503,),
            explanation="A change, or a record that is asked for, needs the store (Redis), which cannot be reached, is "
            "slow, denies access or refuses. Scores go on without it. Try again after `Retry-After` seconds; a change "
            "that ran into the time limit may have been made, and `GET` shows whether.",
        ),
        ProblemType(
            slug="bad-request",
            title="The request cannot be understood",
            statuses=(400,),
            explanation="The request line or a header is not valid HTTP for this service.",
        ),
        ProblemType(
            slug="internal-error",
            title="The service failed",
            statuses=(500,),
            explanation="A defect of the service. `instance` finds the log line; please report it.",
        ),
        ProblemType(
            slug="not-ready",
            title="The service is starting or draining",
            statuses=(503,),
            explanation="Send traffic elsewhere and ask `/health/ready` again after `Retry-After` seconds.",
        ),
    )
}
