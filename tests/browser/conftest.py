"""One Chromium for all tests, and no complaint of it that is not expected."""

import io
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from adlrisk.settings import Settings
from support.browser.chromium import launch_chromium
from support.browser.visits import Pages, Visitor, visiting
from support.running import RunningServer

# What is waited for is there in a moment, but on a machine with other work.
expect.set_options(timeout=15_000.0)


@pytest.fixture(scope="session")
def pages() -> Iterator[Pages]:
    with launch_chromium() as browser:
        yield Pages(browser=browser)


@pytest.fixture(scope="session")
def service() -> Iterator[RunningServer]:
    with RunningServer(Settings(), log=io.StringIO()) as server:
        yield server


@pytest.fixture
def visitor(pages: Pages, service: RunningServer) -> Iterator[Visitor]:
    with visiting(pages, service.url) as visitor:
        yield visitor
