"""Ranking of a book in this process, to find the place that a plan promises."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from adlrisk.api.bulk.deadline import start_deadline
from adlrisk.api.bulk.job import BulkContext, find_no_record
from adlrisk.api.endpoints.queue.rank_book import answer_rank
from adlrisk.api.endpoints.queue.schema import RankRequest
from adlrisk.api.http import codecs
from adlrisk.domain.position.errors import RefusedError
from support.plans.drawn import CATALOGUE


class UnsendableBookError(Exception):
    """A book that no request can have: a row does not hold all that an account may have."""


def rank(body: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of ``POST /queue/rank`` to ``body``.

    Raises:
        UnsendableBookError: a figure is beyond what a request may have, or one is missing that only an account has.
    """
    try:
        request = msgspec.convert(body, RankRequest)
    except msgspec.ValidationError as error:
        raise UnsendableBookError(str(error)) from error
    context = BulkContext(
        venues=CATALOGUE,
        codec=codecs.JSON,
        pulse=start_deadline(60.0),
        read_record=find_no_record,
        now=datetime.now(UTC),
    )
    try:
        pieces = answer_rank(request, context).pieces
    except RefusedError as error:  # a row of its own does not have the maintenance margin of an account
        raise UnsendableBookError(error.detail) from error
    answer: dict[str, Any] = msgspec.json.decode(b"".join(pieces))
    return answer
