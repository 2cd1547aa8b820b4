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
from support.plans.drawn import CATALOGUE


class UnsendableBookError(Exception):
    """A book that no request can have: the equity of an account is a sum, and may be beyond what a row may say."""


def rank(body: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of ``POST /queue/rank`` to ``body``.

    Raises:
        UnsendableBookError: a figure is beyond what a request may have.
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
    answer: dict[str, Any] = msgspec.json.decode(b"".join(answer_rank(request, context).pieces))
    return answer
