"""The layout of summaries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlrisk.summaries.layout import WIDTH, fit_encodings, lay_out, show

WORDS = st.lists(st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=1, max_size=20), max_size=60)


@given(WORDS, WORDS)
def test_no_line_is_wider_than_100_columns_and_no_word_is_lost(heading: list[str], words: list[str]) -> None:
    """A long reason is wrapped under its label, whatever is in it."""
    text = lay_out(" ".join(heading), [("reason", [" ".join(words)])])
    assert WIDTH == 100
    assert max(map(len, text.splitlines())) <= 100
    shown = "".join(text.split())
    assert shown.endswith(show("".join(words)))
    assert shown.startswith(show("".join(heading)))


def test_the_clients_own_text_steers_no_terminal() -> None:
    """Escape sequences, line ends and marks of direction are spelled out."""
    text = lay_out("x\x1b[2J", [("leg", ["one\r\ntwo\u202e"])])
    assert {one for one in text if not one.isprintable()} == {"\n"}
    assert text.splitlines() == ["x\\x1b[2J", "", "leg        one\\r\\ntwo\\u202e"]


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", "17.5× to −3 – Ω"),
        ("ascii", "17.5x to -3 - \\u03a9"),
        ("latin-1", "17.5x to -3 - \\u03a9"),
        ("cp1253", "17.5x to -3 - Ω"),
    ],
)
def test_text_fits_any_encoding(encoding: str, shown: str) -> None:
    """Where an encoding lacks a character, signs are spelled in ASCII and other characters escaped."""
    text = fit_encodings("17.5× to −3 – Ω", ("utf-8", encoding))
    assert text == shown
    assert text.encode(encoding).decode(encoding) == text
