"""Fixtures of the collector's tests."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from support.collect.fake_venues import Venues


@pytest.fixture(scope="session")
def venues() -> Iterator[Venues]:
    """The fake venues, each reset whenever it is taken."""
    with closing(Venues()) as all_of_them:
        yield all_of_them
