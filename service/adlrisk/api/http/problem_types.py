"""Table of problem types: every error the service can answer."""

from typing import Final

from msgspec import Struct


class ProblemType(Struct, frozen=True, kw_only=True):
    """A problem type: the slug that clients may branch on, its title and statuses, and what to do about it."""

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
            explanation="The body is empty, is not JSON or MessagePack as its Content-Type says, contains text that "
            "is not UTF-8, or is nested too deeply; or it is not in the gzip or zstd of its Content-Encoding. Send one "
            "object.",
        ),
        ProblemType(
            slug="invalid-request",
            title="The request does not match the schema",
            statuses=(400,),
            explanation="A field is missing, unknown, of the wrong type or out of bounds. `errors` names it with a "
            "JSON Pointer; `/openapi.json` has the schema.",
        ),
        ProblemType(
            slug="not-found",
            title="Not found",
            statuses=(404,),
            explanation="No endpoint has this path. `GET /` links to the ones that exist.",
        ),
        ProblemType(
            slug="unknown-venue",
            title="Unknown venue",
            statuses=(422, 404),
            explanation="The id is not in the catalogue: 404 when it is in the path, 422 when it is in the body. `GET "
            "/venues` lists the ids; use `generic` for a venue that is not listed.",
        ),
        ProblemType(
            slug="unauthorized",
            title="A valid API key is required",
            statuses=(401,),
            explanation="The endpoint requires an API key, and none was sent, or one that is not known. Send "
            "`Authorization: Bearer KEY` or `X-API-Key: KEY`.",
        ),
        ProblemType(
            slug="forbidden",
            title="The API key lacks permission",
            statuses=(403,),
            explanation="Admin keys may change venues and store market records, write keys may store market records, "
            "and all keys may read and score.",
        ),
        ProblemType(
            slug="foreign-form",
            title="The form comes from another site",
            statuses=(403,),
            explanation="A browser sent a form of the page whose `Origin` is not this service. Open the page and send "
            "the form from there; a program calls the API instead.",
        ),
        ProblemType(
            slug="foreign-origin",
            title="The request comes from a page of another site",
            statuses=(403,),
            explanation="Browsers may call `/mcp` only from pages whose origin is listed in `ADLRISK_CORS_ORIGINS`. "
            "Programs send no `Origin`.",
        ),
        ProblemType(
            slug="writing-disabled",
            title="Write access is disabled",
            statuses=(403,),
            explanation="No key that would allow it is configured. Operators enable it by setting "
            "`ADLRISK_ADMIN_KEYS` or `ADLRISK_WRITE_KEYS` to digests printed by `adlrisk make-key`.",
        ),
        ProblemType(
            slug="unknown-market",
            title="No current market record",
            statuses=(404,),
            explanation="No record was stored, or it has expired. A score with this `symbol` uses its request alone.",
        ),
        ProblemType(
            slug="precondition-failed",
            title="The card has changed since it was read",
            statuses=(412,),
            explanation="`If-Match` does not list the card's current ETag. Get the card again, check what has "
            "changed, and repeat the change against it.",
        ),
        ProblemType(
            slug="change-contended",
            title="Other changes of the venue kept coming first",
            statuses=(409,),
            explanation="Other replicas changed the same venue before each attempt; nothing was changed, and the store "
            "works. Send the change again after `Retry-After` seconds.",
        ),
        ProblemType(
            slug="override-unreadable",
            title="The stored override cannot be read",
            statuses=(409,),
            explanation="It was written by another version of the service or by another program, and is ignored. "
            "Upgrade the service, or delete the override and make the change again.",
        ),
        ProblemType(
            slug="observed-out-of-time",
            title="observed_at is in the future or the record has expired",
            statuses=(422,),
            explanation="`observed_at` is more than a minute in the future, or more than `ttl_seconds` ago. Check the "
            "observer's clock.",
        ),
        ProblemType(
            slug="invalid-card",
            title="The change would make the card invalid",
            statuses=(422,),
            explanation="The changed card would contradict itself; nothing was changed. `errors` points to the value "
            "at fault.",
        ),
        ProblemType(
            slug="tiers-out-of-order",
            title="The maintenance tiers are not in ascending order",
            statuses=(422,),
            explanation="Each tier's `up_to_notional` must be larger than the one before; null means no limit and is "
            "only allowed in the last tier.",
        ),
        ProblemType(
            slug="contract-mismatch",
            title="The request contradicts the contract",
            statuses=(422,),
            explanation="The venue has no contracts of this kind (`contracts` of its card); or the record of the "
            "`symbol` has a different `contract` or `contract_size` than the request (or its default), or legs of one "
            "symbol in an account have, or different mark prices. One of them would scale every amount wrongly. Send "
            "the contract's actual values.",
        ),
        ProblemType(
            slug="margin-mode-mismatch",
            title="The margin mode is not the position's",
            statuses=(422,),
            explanation="`margin_mode` of the request and of its position differ. Leave one of them out.",
        ),
        ProblemType(
            slug="mixed-settlement",
            title="The cross legs settle in different currencies",
            statuses=(422,),
            explanation="Figures of an account are in one settlement currency. Cross legs that name different "
            "`settlement`s, or linear beside inverse ones, share no such figures: send one request for each currency.",
        ),
        ProblemType(
            slug="figures-disagree",
            title="The venue's figure does not fit the position",
            statuses=(422,),
            explanation="`notional` or `unrealized_pnl` is further from what the position's other fields make it than "
            "5 % and 0.2 % of the notional, so some field is in the wrong unit. `detail` has both figures and the "
            "likely cause: `contract_size`, `contract`, the side, swapped prices, or the unit of the figure. Correct "
            "it, or leave the figure out to go without the check.",
        ),
        ProblemType(
            slug="method-not-allowed",
            title="Method not allowed",
            statuses=(405,),
            explanation="The `Allow` header of the answer lists the methods of this path.",
        ),
        ProblemType(
            slug="not-acceptable",
            title="No media type in Accept is supported",
            statuses=(406,),
            explanation="Answers are `application/json` or MessagePack (`application/msgpack`); leave out `Accept` "
            "for JSON.",
        ),
        ProblemType(
            slug="body-too-large",
            title="The request body is too large",
            statuses=(413,),
            explanation="`detail` gives the limit, which is a setting of the service. Split large batches.",
        ),
        ProblemType(
            slug="book-too-large",
            title="The book is too large",
            statuses=(413,),
            explanation="It has more positions than the service takes in one book, or needs more memory than a book "
            "may take; `detail` says which. Both limits are settings of the service. A book cannot be split, because "
            "each position counts for the others: use an instance with higher limits. Retrying does not help.",
        ),
        ProblemType(
            slug="answer-too-large",
            title="The answer would be too large",
            statuses=(413,),
            explanation="The answer to this book would be larger than the limit in `detail`, a setting of the service. "
            "Ask for `layout: columns` (half of the size) or MessagePack; of a ranking only the `top`, some `ids` or "
            "one `side`; of an allocation fewer `policies` at once. Retrying does not help.",
        ),
        ProblemType(
            slug="simulation-too-large",
            title="The simulation is too large",
            statuses=(413,),
            explanation="It would work through more than the service takes in one request: marks × positions, or moves "
            "× cases × positions, or steps of a walk; or it took as long as a book may take. `detail` says which, with "
            "the figures and what to give fewer of. Retrying does not help.",
        ),
        ProblemType(
            slug="body-too-slow",
            title="The request body took too long to arrive",
            statuses=(408,),
            explanation="Send the whole body at once; the time limit is a setting of the service.",
        ),
        ProblemType(
            slug="unsupported-media-type",
            title="Unsupported media type",
            statuses=(415,),
            explanation="Send `Content-Type: application/json` or `application/msgpack`, in UTF-8; the `Accept` header "
            "of the answer lists the supported types. Batches, accounts and books may be compressed once, with gzip or "
            "zstd, and `Content-Encoding` says so; where that was the cause, `Accept-Encoding` lists what is taken.",
        ),
        ProblemType(
            slug="venue-has-no-meter",
            title="The venue publishes no ADL meter",
            statuses=(422,),
            explanation="An ADL reading was sent for a venue whose card has no meter. Leave out `adl_meter`: the "
            "signal is unknown there.",
        ),
        ProblemType(
            slug="meter-out-of-scale",
            title="The ADL reading is outside the venue's scale",
            statuses=(422,),
            explanation="Send the reading exactly as the venue's API returns it. `GET /venues/{venue}` shows the "
            "meter's field, scale and direction.",
        ),
        ProblemType(
            slug="venue-has-no-queue",
            title="The venue has no ADL queue",
            statuses=(422,),
            explanation="The venue does not rank positions for ADL; `detail` says what it does instead, and `GET "
            "/venues/{venue}` has the details. To rank all the same, send `formula`; to allocate, that or other "
            "policies than `venue` and `pro_rata_score`.",
        ),
        ProblemType(
            slug="queue-formula-unknown",
            title="The venue's ranking formula is unknown",
            statuses=(422,),
            explanation="The venue does not publish its ranking. Send `formula` to rank by one of your own choice: "
            "`pnl_leverage`, profit times effective leverage, is the commonest. To allocate, that or other policies "
            "than `venue` and `pro_rata_score`.",
        ),
        ProblemType(
            slug="maintenance-margin-required",
            title="A maintenance margin is missing",
            statuses=(422,),
            explanation="The venue ranks by maintenance margin. Give each position `maintenance_margin_rate` (with "
            "`maintenance_amount` where its tier has one) or `maintenance_margin`; the result must be above 0.",
        ),
        ProblemType(
            slug="fill-price-required",
            title="The venue's fill price is unknown",
            statuses=(422,),
            explanation="The venue does not publish the fill price of an ADL. Send `fill_price`: `bankruptcy`, `mark` "
            "or a number.",
        ),
        ProblemType(
            slug="input-required",
            title="A required input is missing",
            statuses=(422,),
            explanation="A simulation needs an insurance fund, an order book and a book of positions or aggregates; an "
            "exposure also a volatility. The request leaves some of them out, and so does the market record of its "
            "`symbol`, if it names one. `errors` lists all that are missing: send them. None is assumed: a fund or an "
            "order book that is not known is not a large one. A plan for a place in the queue needs what its ranking "
            "key depends on.",
        ),
        ProblemType(
            slug="empty-book",
            title="Nobody is left of the aggregates",
            statuses=(422,),
            explanation="Of the `cohorts`, all on one side would be liquidated at `mark_price`. Check the entry prices "
            "and the mark price, or send lower leverage: cohorts that would be liquidated are left out.",
        ),
        ProblemType(
            slug="fund-drawdown-required",
            title="The fall of the insurance fund that triggers ADL is missing",
            statuses=(422,),
            explanation="`fund.peak` was sent, and the venue's card does not say which fall from it triggers an ADL. "
            "Send `fund.drawdown` with it, or leave `fund.peak` out: the fund then pays down to `fund.floor`.",
        ),
        ProblemType(
            slug="not-a-lot-multiple",
            title="A size is not a whole number of lots",
            statuses=(422,),
            explanation="Positions are closed in whole lots. Send sizes that are multiples of `lot_size`, each at "
            "most 2^48 lots and together at most 2^62, or the contract's actual lot size.",
        ),
        ProblemType(
            slug="close-exceeds-position",
            title="The size to close exceeds the position",
            statuses=(422,),
            explanation="`close.size` is in contracts and may be at most the position's `size`.",
        ),
        ProblemType(
            slug="ragged-columns",
            title="The columns of the book differ in length",
            statuses=(422,),
            explanation="Every column holds one value for each position, or null where there is none; `errors` points "
            "to the column whose length differs from that of `id`.",
        ),
        ProblemType(
            slug="margin-required",
            title="A position has no equity, margin or leverage",
            statuses=(422,),
            explanation="A book and a partial ADL need to know what backs each position: give `equity`, `margin` or "
            "`leverage`.",
        ),
        ProblemType(
            slug="duplicate-id",
            title="Duplicate position id",
            statuses=(422,),
            explanation="Answers refer to positions by id, so each id must be unique in the book. `errors` points to "
            "the second occurrence.",
        ),
        ProblemType(
            slug="unknown-id",
            title="No position in the book has this id",
            statuses=(422,),
            explanation="`ids` may only name positions that are in the request.",
        ),
        ProblemType(
            slug="overloaded",
            title="The service is at capacity",
            statuses=(503,),
            explanation="Requests, large batches, books and connections each have a concurrency limit; `detail` says "
            "which one was reached. Nothing was done. Retry after `Retry-After` seconds, or use another replica.",
        ),
        ProblemType(
            slug="rate-limited",
            title="Too many requests",
            statuses=(429,),
            explanation="The rate limit of the API key, or of the client's address when no key is sent, was exceeded; "
            "`detail` says what it is. The body was not read. Retry after `Retry-After` seconds. One `POST /scores` "
            "request scores many positions.",
        ),
        ProblemType(
            slug="head-too-large",
            title="The request line and headers are too large",
            statuses=(431,),
            explanation="`detail` gives the limit, which is a setting of the service.",
        ),
        ProblemType(
            slug="head-too-slow",
            title="The request line and headers took too long to arrive",
            statuses=(408,),
            explanation="Send the whole request at once; the time limit is a setting of the service.",
        ),
        ProblemType(
            slug="worker-failed",
            title="The worker processing the book failed",
            statuses=(503,),
            explanation="It crashed or exceeded its time limit, and is replaced. Nothing was changed: retry after "
            "`Retry-After` seconds, with a smaller book if it happens again.",
        ),
        ProblemType(
            slug="store-unavailable",
            title="The parameter store is unavailable",
            statuses=(503,),
            explanation="A change, or a read of a market record, needs the store (Redis), which cannot be reached, is "
            "slow, denies access or returns an error. Scoring continues without it. Retry after `Retry-After` "
            "seconds; a change that timed out may have been made, and `GET` shows whether it was.",
        ),
        ProblemType(
            slug="bad-request",
            title="The request is not valid HTTP",
            statuses=(400,),
            explanation="The request line, a header or a chunk is not valid HTTP or not supported, the body comes in "
            "too many small chunks, or more than a hundred requests wait for their answers on the connection.",
        ),
        ProblemType(
            slug="internal-error",
            title="Internal error",
            statuses=(500,),
            explanation="A defect in the service. `instance` is the request id of the log line; please report it.",
        ),
        ProblemType(
            slug="not-ready",
            title="The service is starting or draining",
            statuses=(503,),
            explanation="Send traffic elsewhere and check `/health/ready` again after `Retry-After` seconds.",
        ),
    )
}
