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


def rank(body: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of ``POST /queue/rank`` to ``body``."""
    context = BulkContext(
        venues=CATALOGUE,
        codec=codecs.JSON,
        pulse=start_deadline(60.0),
        read_record=find_no_record,
        now=datetime.now(UTC),
    )
    answer: dict[str, Any] = msgspec.json.decode(
        b"".join(answer_rank(msgspec.convert(body, RankRequest), context).pieces)
    )
    return answer
