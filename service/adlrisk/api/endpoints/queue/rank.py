"""``POST /queue/rank``: the ranking of a book in a venue's ADL queue."""

from typing import Final

from adlrisk.api.dispatch.endpoint import Answer, Body, Endpoint
from adlrisk.api.endpoints.queue.rank_book import RANK_BOOK
from adlrisk.api.endpoints.queue.schema import RankAnswer
from adlrisk.api.endpoints.shared.book import BOOK_PROBLEMS

RANK: Final = Endpoint(
    method="POST",
    path="/queue/rank",
    operation_id=RANK_BOOK.operation,
    tag="Books",
    summary="Rank a book in the venue's ADL queue",
    description="Ranks a book of one contract, longs and shorts separately: priority, rank, percentile, the reading of "
    "the venue's ADL meter at that rank, and the size reduced before it. Ties in priority go to the larger size, then "
    "to the order of the request. Ineligible positions come last. Safe to retry.",
    handle=RANK_BOOK,
    pool="books",
    body=Body(
        type=RANK_BOOK.request,
        limit=lambda context: context.settings.max_book_bytes,
        examples=("queue-rank", "queue-rank-columns", "queue-rank-formula"),
        may_be_coded=True,
    ),
    compresses=True,
    answers={200: Answer(description="The queues.", type=RankAnswer)},
    problems=(*BOOK_PROBLEMS, "unknown-id"),
)
