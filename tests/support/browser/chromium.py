"""A real Chromium: the system's, driven by Playwright, whose own browsers are never downloaded."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from typing import Final

from playwright.sync_api import Browser, sync_playwright

# Debian's without windows, which takes a quarter of the time, then those with, and what other systems call it.
_NAMES: Final = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


@contextlib.contextmanager
def launch_chromium() -> Iterator[Browser]:
    """The system's Chromium without a window; ``CHROMIUM`` is the path of another one."""
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    assert program, f"no Chromium here: install one of {', '.join(_NAMES)}, or name its path in CHROMIUM"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)
        yield browser
        browser.close()
