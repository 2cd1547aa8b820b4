"""Every documented failure, sent to a real server."""

from collections.abc import Iterator

import httpx
import pytest

from adlrisk.api.http.problem_types import PROBLEMS
from support.hostile.failure_cases import FAILURES, Failure
from support.running import assert_problem


def sent(client: httpx.Client, case: Failure) -> httpx.Response:
    def pieces() -> Iterator[bytes]:
        for start in range(0, len(case.body), 1024):
            yield case.body[start : start + 1024]

    content = pieces() if case.chunked else case.body
    return client.request(case.method, case.path, content=content, headers=case.headers)


@pytest.mark.parametrize("case", FAILURES, ids=lambda case: case.title)
def test_a_failure_is_answered_by_its_problem(client: httpx.Client, admin: httpx.Client, case: Failure) -> None:
    """Status, type and pointer are exactly those of the table, in the one shape."""
    assert_problem(sent(admin if case.keys else client, case), case.slug, case.status, pointer=case.pointer)


def test_the_table_reaches_every_problem_type() -> None:
    """Each type has a case; those that no request alone can bring about have tests of their own."""
    elsewhere = {
        "internal-error", "not-ready", "bad-request", "overloaded", "worker-failed", "body-too-slow",
        "rate-limited", "head-too-large", "head-too-slow",
        "store-unavailable", "override-unreadable", "contract-mismatch",
    }  # fmt: skip
    assert {case.slug for case in FAILURES} == set(PROBLEMS) - elsewhere


def test_titles_are_unique() -> None:
    """Each row of the documentation's table has a name of its own."""
    assert len({case.title for case in FAILURES}) == len(FAILURES)
