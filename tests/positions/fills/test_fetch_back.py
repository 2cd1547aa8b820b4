"""Lists that have the latest fills, or those before a time, as dYdX's and Kraken's."""

from typing import Any

from adlrisk.positions.fills.source import FillPage, FillsAsk, VenueFill, fetch_back

PAGE = 2


def listed(times: list[int], *, since: int) -> tuple[FillPage, list[Any]]:
    """What is found in a list of fills at ``times``, and the times before which it was asked."""
    asked = []

    def ask_rows(before: Any) -> list[Any]:
        asked.append(before)
        rows = [{"time": str(at)} for at in sorted(times, reverse=True) if before is None or at < int(before)]
        return rows[:PAGE]

    def read(raw: Any) -> VenueFill:
        return VenueFill(
            raw=raw, id=raw["time"], at=float(raw["time"]), symbol="X", reduced="long", size=1.0, price=None
        )

    return fetch_back(FillsAsk(since=since, rows=()), ask_rows, read, time="time", page=PAGE), asked


def test_a_full_page_is_followed_by_the_one_before_it() -> None:
    """Until a page is not full; each fill is found once."""
    found, asked = listed([10, 20, 30, 40, 50], since=0)
    assert [fill.at for fill in found.fills] == [50, 40, 30, 20, 10]
    assert asked == [None, "40", "20"]
    assert found.is_whole


def test_it_goes_no_further_back_than_asked() -> None:
    """A page that reaches beyond the beginning is the last, and what is older is left out."""
    found, asked = listed([10, 20, 30, 40, 50], since=35)
    assert [fill.at for fill in found.fills] == [50, 40]
    assert asked == [None, "40"]


def test_more_than_can_be_read_is_said() -> None:
    """After five pages the list is not whole."""
    found, asked = listed(list(range(1, 20)), since=0)
    assert len(asked) == 5
    assert not found.is_whole
