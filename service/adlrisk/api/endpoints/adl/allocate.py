"""``POST /adl/allocate``: share a bankrupt position out among the book, under one or more policies."""

from typing import Final

from adlrisk.api.dispatch.endpoint import Answer, Body, Endpoint
from adlrisk.api.endpoints.adl.allocate_book import ALLOCATE_BOOK
from adlrisk.api.endpoints.adl.schema import AllocateAnswer
from adlrisk.api.endpoints.shared.book import BOOK_PROBLEMS

ALLOCATE: Final = Endpoint(
    method="POST",
    path="/adl/allocate",
    operation_id=ALLOCATE_BOOK.operation,
    tag="Deleveraging",
    summary="Allocate a bankrupt position among counterparties",
    description="Shares a bankrupt position out among the positions on the other side of a book, in whole lots, under "
    "one policy or several to compare. Closed and uncovered lots add up to the lots requested, and no position is "
    "closed beyond its size. Positions on the bankrupt's own side are not touched (`same_side`), nor are those on the "
    "other side that are not in the venue's queue or that the fill itself would bankrupt (`ineligible`). "
    "`uncovered_lots` is what the eligible positions cannot cover. Safe to retry.",
    handle=ALLOCATE_BOOK,
    pool="books",
    body=Body(
        type=ALLOCATE_BOOK.request,
        limit=lambda context: context.settings.max_book_bytes,
        examples=("adl-allocate", "adl-allocate-policies"),
        may_be_coded=True,
    ),
    compresses=True,
    answers={200: Answer(description="The fills under each policy.", type=AllocateAnswer)},
    problems=(*BOOK_PROBLEMS, "fill-price-required", "not-a-lot-multiple"),
)
