"""What the tests in a browser rely on sees what it should."""

import pytest
from playwright.sync_api import Page

from support.browser.checks import KEEP_SHIFTS, find_barriers, find_overlaps, width_beyond_window
from support.browser.visits import Pages, Visitor, visiting
from support.running import RunningServer

_STRICT = "<meta http-equiv=content-security-policy content=\"default-src 'self'\">"
# What a page may contain, and what must be said of it.
_COMPLAINTS = {
    "an inline script": (f"{_STRICT}<script>document.title = 'ran'</script>", "Content Security Policy"),
    "an inline style": (f"{_STRICT}<p style='color: red'>x</p>", "Content Security Policy"),
    "a handler": (f"{_STRICT}<p onclick='1'>x</p>", "Content Security Policy"),
    "a stopped picture of elsewhere": (f"{_STRICT}<img src='http://localhost:9/x.png'>", "Content Security Policy"),
    "a picture of elsewhere": ("<img src='http://localhost:9/x.png'>", "elsewhere: http://localhost:9/x.png"),
    "a script that throws": ("<script>throw new Error('canary')</script>", "script: canary"),
    "a promise that nobody handles": ("<script>Promise.reject(new Error('canary'))</script>", "script: canary"),
    "an error on the console": ("<script>console.error('canary')</script>", "console error: canary"),
    "a part that is not there": ("<img src=/no-such.png>", "404 (Not Found)"),
    "a part whose connection breaks": ("<img src=/broken.png>", "failed request"),
}
_BARRIERS = """<!doctype html><html lang=en><title>x</title><style>p { color: #bbb; background: #fff }</style>
<main><h1>x</h1><p>hard to read</p><input><svg role=img></svg></main>"""
_MOVES = """<!doctype html><p>text</p><script>
requestAnimationFrame(() => requestAnimationFrame(() => {
  const added = document.createElement('div');
  added.style.height = '200px';
  document.body.prepend(added);
}))</script>"""
_OVERLAPS = """<!doctype html><svg width=200 height=100>
<text x=0 y=20>first</text><text x=10 y=20>second</text><text x=0 y=60>third</text></svg>"""


def _open_made_up(visitor: Visitor, content: str) -> Page:
    page = visitor.open(window={"width": 360, "height": 640}).page
    page.route("**/made-up", lambda route: route.fulfill(body=content, content_type="text/html"))
    page.route("**/broken.png", lambda route: route.abort("connectionreset"))
    page.goto("/made-up")
    return page


@pytest.mark.parametrize("case", _COMPLAINTS)
def test_complaints_of_the_browser_fail_a_test(case: str, pages: Pages, service: RunningServer) -> None:
    """Whatever breaks the policy, throws, is missing or comes from elsewhere fails the test that opened the page."""
    content, words = _COMPLAINTS[case]
    with (
        pytest.raises(AssertionError, match="the browser complained") as failed,
        visiting(pages, service.url) as visitor,
    ):
        _open_made_up(visitor, content)
    assert words in str(failed.value)


def test_an_expected_complaint_fails_no_test(visitor: Visitor) -> None:
    """A test about an error says so, and passes."""
    visit = visitor.open()
    visit.page.goto("/no-such-page")
    assert "404" in "\n".join(visit.complaints.unexpected())
    visit.complaints.expect("404")
    assert visit.complaints.unexpected() == []


def test_barriers_are_found(visitor: Visitor) -> None:
    """Text of too little contrast, a field without a label and a picture without words are barriers."""
    found = "\n".join(find_barriers(_open_made_up(visitor, _BARRIERS)))
    for rule in ("color-contrast", "label", "svg-img-alt"):
        assert f"{rule}: " in found


def test_a_wide_page_is_found(visitor: Visitor) -> None:
    """A page that is wider than its window is seen, one that scrolls within a part of it is not."""
    page = visitor.open(window={"width": 360, "height": 640}).page
    page.goto("/docs")
    assert width_beyond_window(page) == 0
    wide = _open_made_up(visitor, "<!doctype html><style>div { width: 500px }</style><div>x</div>")
    assert width_beyond_window(wide) > 100


def test_parts_that_move_are_found(visitor: Visitor) -> None:
    """A page whose text is pushed down after it was drawn is seen."""
    page = visitor.open(is_first=True).page
    page.add_init_script(KEEP_SHIFTS)
    page.route("**/made-up", lambda route: route.fulfill(body=_MOVES, content_type="text/html"))
    page.goto("/made-up")
    page.wait_for_function("window.shifts.length > 0")


def test_texts_that_overlap_are_found(visitor: Visitor) -> None:
    """Two texts of a picture at one place are seen, two below each other are not."""
    found = find_overlaps(_open_made_up(visitor, _OVERLAPS))
    assert found == ["first / second"]
