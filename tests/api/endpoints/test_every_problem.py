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
def test_each_failure_yields_its_problem(client: httpx.Client, admin: httpx.Client, case: Failure) -> None:
    """Status, type and pointer are exactly those of the table, in the shape of every problem."""
    if case.record:
        admin.put(case.record_path, content=case.record, headers=case.headers).raise_for_status()
    assert_problem(sent(admin if case.keys else client, case), case.slug, case.status, pointer=case.pointer)


def test_table_covers_every_problem_type() -> None:
    """Each type has a case; those that a single request cannot cause have tests of their own."""
    elsewhere = {
        "internal-error", "not-ready", "bad-request", "overloaded", "worker-failed", "body-too-slow",
        "book-too-large", "answer-too-large", "rate-limited", "head-too-large", "head-too-slow",
        "store-unavailable", "change-contended", "override-unreadable", "foreign-form",
        "foreign-origin",
    }  # fmt: skip
    assert {case.slug for case in FAILURES} == set(PROBLEMS) - elsewhere


def test_case_titles_are_unique() -> None:
    """Each row of the documentation's table has its own title."""
    assert len({case.title for case in FAILURES}) == len(FAILURES)
