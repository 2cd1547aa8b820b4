"""Six policies side by side: what each row says is that policy's answer."""

from typing import Any

import pytest

from adlrisk.domain.deleverage.policies import POLICIES
from adlrisk.page.book.policies import render_policies
from adlrisk.page.numbers import format_gain, format_leverage, format_number, format_percent
from support.pages import Element, carried_numbers, numbers_in, read_page
from support.running import example

REQUEST = example("adl-allocate-policies.request")
ANSWER = example("adl-allocate-policies.answer")
TITLES = [
    *("the queue", "by size", "by profit"),
    *("by size × ranking key", "by profit × leverage²", "highest leverage first"),
]


def render(own_id: str | None = "dee", *, own_size: float | None = 8.0, **changed: Any) -> Element:
    """The section."""
    section = render_policies({**ANSWER, **changed}, request=REQUEST, own_id=own_id, own_size=own_size)
    return read_page(str(section))


def rows_of(page: Element, caption: str) -> dict[str, list[str]]:
    """The rows of a table by their names."""
    [table] = [table for table in page.all("table") if table.one("caption").text == caption]
    return {row.one("th").text: [cell.text for cell in row.all("td")] for row in table.one("tbody").all("tr")}


def plain(*texts: str) -> list[str]:
    """Texts with plain spaces."""
    return [text.replace("\N{NO-BREAK SPACE}", " ") for text in texts]


def test_the_market_row_of_each_policy_is_its_answer() -> None:
    """Lots, what is left over, positions hit, largest share, leverage and haircuts, in the order of the answer."""
    rows = rows_of(render(), "What each policy does to the other side")
    assert list(rows) == TITLES
    assert [each["policy"] for each in ANSWER["results"]] == list(POLICIES)
    for result, cells in zip(ANSWER["results"], rows.values(), strict=True):
        assert cells == plain(
            f"{result['closed_lots']:,}",
            f"{result['uncovered_lots']:,}",
            f"{result['accounts_hit']}",
            f"{result['accounts_closed']}",
            format_percent(result["largest_share"]),
            format_leverage(result["top_leverage_after"]),
            format_number(result["total_haircut"]),
        )


@pytest.mark.parametrize("own_id", ["ann", "ben", "cyd", "dee", "eli", "fay"])
def test_the_own_row_of_each_policy_is_ones_fill(own_id: str) -> None:
    """Closed, left, realized PnL, haircut and leverage of the own fill; "not closed" where there is none."""
    rows = rows_of(render(own_id), "What each policy does to you") if own_id != "fay" else {}
    for result, title in zip(ANSWER["results"], TITLES, strict=True):
        columns = result["columns"]
        if own_id not in columns["id"]:
            assert rows.get(title, ["not closed"])[0] == "not closed"
            continue
        fill = {name: column[columns["id"].index(own_id)] for name, column in columns.items()}
        assert rows[title] == [
            format_number(fill["closed"]),
            format_number(fill["remaining"]),
            format_gain(fill["realized_pnl"]),
            format_number(fill["haircut"]),
            format_leverage(fill["leverage_after"]) if fill["remaining"] else "closed",
        ]


def test_the_bars_say_what_is_closed_of_ones_position() -> None:
    """The width of a bar is the share of the position, and its text says so."""
    page = render("dee")
    bars = page.one("svg").all("g")
    for bar, result in zip(bars, ANSWER["results"], strict=True):
        columns = result["columns"]
        closed = columns["closed"][columns["id"].index("dee")] if "dee" in columns["id"] else 0.0
        filled = bar.all("rect", css="bar-known")
        assert [rect.attributes["width"] for rect in filled] == ([f"{closed / 8 * 100:.4g}%"] if closed else [])
        assert ("nothing" in bar.text) == (closed == 0.0)


def test_who_is_closed_by_none_is_told() -> None:
    """In a sentence, without a table of nothing."""
    page = render("fay")
    assert "You are not closed under any of them." in page.text
    assert page.all("svg") == []


def test_every_number_is_of_the_answer_or_the_request() -> None:
    """Nothing is worked out here."""
    assert set(carried_numbers(render())) <= numbers_in(ANSWER) | numbers_in(REQUEST)


def test_what_is_shared_out_and_at_what_price_is_said() -> None:
    """Side, size, price and the rule that it follows from; who is not touched; the lot."""
    text = render(None).text
    assert "A bankrupt long of 20 contracts is closed against the other side at 1,850 (the bankruptcy price)." in text
    assert "1 position of the other side cannot be closed and is not touched" in text
    assert "A lot is 0.01 contracts." in text
    assert "(the price that you gave)" in render(fill_price_rule="given").text
    assert "(the mark price)" in render(fill_price_rule="mark").text


def test_policies_that_cannot_be_told_are_named() -> None:
    """Without a queue formula four are compared, and the two others are named."""
    results = [each for each in ANSWER["results"] if each["policy"] not in ("venue", "pro_rata_score")]
    page = render(results=results)
    assert page.one("h2").text == "Four ways to share out a bankrupt position"
    assert (
        "Not shown, for they need a queue formula, which is not known here: the queue, by size × ranking key."
        in page.text
    )


def test_null_is_none_not_unknown() -> None:
    """Where nothing was closed there is no largest share."""
    nothing = {**ANSWER["results"][0], "largest_share": None, "top_leverage_after": None}
    cells = rows_of(render(None, results=[nothing]), "What each policy does to the other side")["the queue"]
    assert cells[4:6] == ["none", "none"]
