"""``POST /account``: score the positions of a margin account as parts of it."""

from collections.abc import Sequence
from typing import Final

import msgspec

from adlrisk.api.dispatch.endpoint import NO_RECORDS, Answer, Body, Call, Encoded, Endpoint, Steps
from adlrisk.api.endpoints.account.answer import OpenAccount, build_reader, market_keys
from adlrisk.api.endpoints.account.checks import check_legs
from adlrisk.api.endpoints.account.names import describe_unreadable
from adlrisk.api.endpoints.account.schema import AccountAnswer, AccountRequest, Leg, ScoredLeg
from adlrisk.api.endpoints.account.unreadable import UnreadableLeg
from adlrisk.api.endpoints.shared.batch import Results, Tally, build_item_decoder, extract_figures, run_in_turns
from adlrisk.api.http.problems import ProblemError, problem_for
from adlrisk.domain.position.errors import RefusedError


def _handle_account(call: Call) -> Steps[Encoded]:
    """Decode, score and encode leg by leg, yielding to other requests every millisecond."""
    request: AccountRequest = call.body
    venue = call.context.venues[request.venue]
    legs = yield from _decode_legs(call, request)
    keys = market_keys(legs, venue)
    records = (yield keys) if keys else NO_RECORDS
    now = call.context.clock()
    check_legs(legs)
    read = build_reader(request, venue=venue, now=now, records=records)
    account = OpenAccount(request, (yield from run_in_turns(read, legs)), venue=venue, now=now)
    tally, results = Tally(call), Results(call.answer_codec)

    def answer_leg(index: int, leg: Leg | UnreadableLeg) -> None:
        found = account.score_leg(index)
        if isinstance(found, ScoredLeg):
            tally.count(extract_figures(found))
            results.add(found)
        else:
            error = problem_for(found) if isinstance(found, RefusedError) else found
            results.add(tally.problem(error, item_id=leg.id))

    yield from run_in_turns(answer_leg, legs)
    underlyings = yield from run_in_turns(account.describe_underlying, account.group_by_underlying())
    after = {"underlyings": underlyings, "venue": venue.ref, "as_of": account.as_of}
    return Encoded(pieces=results.splice("positions", before={"account": account.figures}, after=after))


def _decode_legs(call: Call, request: AccountRequest) -> Steps[Sequence[Leg | UnreadableLeg]]:
    decode = build_item_decoder(call, Leg, field="positions", venue=request.venue)

    def decode_leg(index: int, item: msgspec.Raw) -> Leg | UnreadableLeg:
        found = decode(index, item)
        return describe_unreadable(found, item, call.codec, index=index) if isinstance(found, ProblemError) else found

    return (yield from run_in_turns(decode_leg, request.positions))


ACCOUNT: Final = Endpoint(
    method="POST",
    path="/account",
    operation_id="scoreAccount",
    tag="Scoring",
    summary="Score the positions of a margin account together",
    description="Takes all legs of an account, cross and isolated, and what backs the cross ones. Returns the "
    "account's own figures and the common price move that would end it; for each leg the answer of `POST /score`, with "
    "prices at which all legs of its symbol move together; and for each underlying the leg that an ADL would likelier "
    "take, with what would be left open. A leg that cannot be read is a problem in its place, and what the account "
    "then cannot know is null. Safe to retry.",
    handle=_handle_account,
    pool="batches",
    body=Body(
        type=AccountRequest,
        item_types=(Leg,),
        limit=lambda context: context.settings.max_account_bytes,
        examples=("account", "account-hedge"),
        may_be_coded=True,
    ),
    compresses=True,
    answers={
        200: Answer(
            description="The account, and a score or a problem for each leg.",
            type=AccountAnswer,
            item_types=(ScoredLeg,),
        )
    },
    problems=("unknown-venue", "contract-mismatch", "duplicate-id", "mixed-settlement"),
)
