"""``POST /fills/classify``: whose orders the fills of an account were, and which were forced."""

from collections import Counter
from typing import Any, Final

import msgspec

from adlrisk.api.dispatch.endpoint import Answer, Body, Call, Encoded, Endpoint, Steps
from adlrisk.api.endpoints.fills.schema import FillsAnswer, FillsRequest
from adlrisk.api.endpoints.shared.batch import Results, build_item_decoder, run_in_turns
from adlrisk.api.http.problems import ProblemError
from adlrisk.domain.rules.classification import ClassifiedFill, FillClassifier, unknown_fill


def _handle_classify(call: Call) -> Steps[Encoded]:
    """Decode, classify and encode fill by fill, yielding to other requests every millisecond."""
    request: FillsRequest = call.body
    venue = call.context.venues[request.venue]
    decode = build_item_decoder(call, Any, field="fills", venue=request.venue)
    classify = FillClassifier(venue.rules.fills).classify
    results, kinds = Results(call.answer_codec), Counter[str]()

    def classify_item(index: int, item: msgspec.Raw) -> None:
        fill = decode(index, item)
        found = _explain_unreadable(fill) if isinstance(fill, ProblemError) else classify(fill)
        kinds[found.kind] += 1
        results.add(found)

    yield from run_in_turns(classify_item, request.fills)
    call.effects.append(lambda: call.context.metrics.count_fills(venue.rules.id, kinds))
    return Encoded(pieces=results.splice("results", after={"venue": venue.ref}))


def _explain_unreadable(error: ProblemError) -> ClassifiedFill:
    """A fill that cannot be decoded: unknown like any other that no rule knows, so that no fill fails the others."""
    return unknown_fill(f"It cannot be read: {error.errors[0].detail}")


CLASSIFY: Final = Endpoint(
    method="POST",
    path="/fills/classify",
    operation_id="classifyFills",
    tag="Deleveraging",
    summary="Tell forced fills from ordinary ones",
    description="Takes 1 to 10,000 fills of one venue, as the venue gives them or in ccxt's structures with `info`. "
    "Returns for each, in the same order, whether it is of an order of the account's owner, or of an ADL, a "
    "liquidation, a settlement, a delivery, funding or a transfer, by `fills.rules` of the venue's card. What no rule "
    "knows is `unknown`, never `own`; so is what is no object, cannot be read, or is larger than the limit of "
    "`POST /score`. Where a venue marks an ADL like a liquidation, the kind is `liquidation` and `note` says so. Fills "
    "are neither kept nor logged. Safe to retry.",
    handle=_handle_classify,
    pool="batches",
    body=Body(
        type=FillsRequest,
        limit=lambda context: context.settings.max_scores_bytes,
        examples=("fills-classify", "fills-classify-ccxt"),
        reads_numbers=False,
        may_be_coded=True,
    ),
    compresses=True,
    answers={200: Answer(description="What each fill is.", type=FillsAnswer)},
    problems=("unknown-venue",),
)
