"""The steps of a queue on the page: each position is on that of the fifth that it begins in, as a plan counts it."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlrisk.domain.queue.queue import fifths_of
from adlrisk.domain.rules.meter import FractionMeter, LevelMeter, Meter
from adlrisk.page.book.queue.ladder import find_steps, render_ladder
from adlrisk.page.book.queue.places import fifth_beginning_at, fifth_ending_at, find_begins
from adlrisk.venues.card_files import read_bundled_cards
from support.pages import Element, carried_numbers, numbers_in, read_page
from support.running import example

shares = st.floats(min_value=1e-9, max_value=1.0) | st.sampled_from([0.2, 0.4, 0.6, 0.8, 1.0, 0.6000000000000001])


def render(answer: dict[str, Any], own_id: str | None, *, meter: Meter | None = None) -> Element:
    """The section."""
    return read_page(str(render_ladder(answer, own_id=own_id, meter=meter)))


def queue_of(percentiles: list[float], *, out: int = 0) -> dict[str, Any]:
    """The columns of a queue whose positions end at these shares of it, and so many positions that are not in it."""
    count, rising = len(percentiles), sorted(percentiles)
    columns = {
        "id": [f"p{place}" for place in range(count + out)],
        "rank": [*range(1, count + 1), *[None] * out],
        "percentile": [*rising, *[None] * out],
        "size_ahead": [*[10.0 * place for place in range(count)], *[None] * out],
        "notional_ahead": [*[1000.0 * place for place in range(count)], *[None] * out],
        "priority": [*[0.5 - place for place in range(count)], *[None] * out],
        "adl_meter": [None] * (count + out),
        "unrealized_pnl": [7.0 - place for place in range(count + out)],
        "effective_leverage": [*[3.0] * count, *[None] * out],
        "size": [10.0] * (count + out),
    }
    return {
        "count": count + out,
        "eligible": count,
        "size": 10.0 * count,
        "notional": 1000.0 * count,
        "columns": columns,
    }


def answer_with(queue: dict[str, Any]) -> dict[str, Any]:
    """An answer with this queue of longs."""
    return {**example("queue-rank-columns.answer"), "queues": {"long": queue}}


def figures_of(page: Element) -> dict[str, str]:
    """What is told of one's own position in numbers."""
    return {pair.one("dt").text: pair.one("dd").text for pair in page.one("dl").all("div")}


@given(st.lists(shares, min_size=1, max_size=200))
def test_a_position_ends_in_the_fifth_of_the_domain(percentiles: list[float]) -> None:
    """The same fifths as those that the API's meters read, to the last bit."""
    assert [fifth_ending_at(share) for share in percentiles] == fifths_of(np.array(percentiles)).tolist()


@pytest.mark.parametrize("venue", ["okx", "bybit", "binance", "htx", "gate"])
def test_a_venues_meter_reads_the_fifth_that_a_position_ends_in(client: Any, venue: str) -> None:
    """Where a meter has a level for each fifth, the API answers that of a position's end, which the page calls so."""
    positions = [
        {"id": f"p{n}", "side": "long", "size": 1 + n % 7, "entry_price": 60 + n, "leverage": 2 + n % 9}
        for n in range(90)
    ]
    body = {"venue": venue, "mark_price": 100, "layout": "columns"}
    body["positions"] = [{**each, "maintenance_margin_rate": 0.01} for each in positions]
    columns = client.post("/queue/rank", json=body).json()["queues"]["long"]["columns"]
    levels = client.get(f"/venues/{venue}").json()["meter"]["levels"]
    pairs = [
        (meter, levels[fifth_ending_at(share) - 1])
        for meter, share in zip(columns["adl_meter"], columns["percentile"], strict=True)
        if share is not None
    ]
    assert len({level for _, level in pairs}) == 5
    assert [pair for pair in pairs if pair[0] != pair[1]] == []


SIZES = (3, 900, 1, 40, 40, 7, 250, 2, 60, 60, 60, 11)


@pytest.mark.parametrize("venue", ["okx", "bitmex", "binance"])
def test_a_position_stands_on_the_step_that_a_plan_says(client: Any, venue: str) -> None:
    """Whoever one is, `POST /plan` with the others as its book says the same fifth; equal keys share it."""
    rows = [
        {"side": "short", "size": size, "entry_price": 130 + n // 3, "leverage": 4, "maintenance_margin_rate": 0.01}
        for n, size in enumerate(SIZES)
    ]
    book: list[dict[str, Any]] = [{"id": f"p{n}", **row} for n, row in enumerate(rows)]
    start = {"venue": venue, "mark_price": 100}
    answer = client.post("/queue/rank", json={**start, "positions": book, "layout": "columns"}).json()
    columns = answer["queues"]["short"]["columns"]
    stands = {
        columns["id"][place]: fifth
        for fifth, step in enumerate(find_steps(columns), 1)
        if step.first is not None and step.last is not None
        for place in range(step.first, step.last + 1)
    }
    planned = {
        own["id"]: client.post(
            "/plan",
            json={
                "venue": venue,
                "margin_mode": "isolated",
                "position": {**row, "mark_price": 100},
                "target": {"leave_fifth": 1},
                "book": {"positions": [each for each in book if each is not own]},
            },
        ).json()["now"]["fifth"]
        for own, row in zip(book, rows, strict=True)
    }
    assert stands == planned
    assert len(set(stands.values())) > 1
    for id_, fifth in planned.items():
        assert f", in the {fifth}" in render(answer, id_).text


def test_number_1_is_on_the_first_step_however_large() -> None:
    """Who is closed first is never told to be last; the meter's reading says that it counts the position in."""
    meter = read_bundled_cards()["okx"].meter
    assert isinstance(meter, LevelMeter)
    for percentiles in ([1.0], [0.95, 0.96, 0.97, 1.0]):
        queue = queue_of(percentiles)
        queue["columns"]["adl_meter"] = [float(meter.levels[-1])] * len(percentiles)
        page = render(answer_with(queue), "p0", meter=meter)
        assert "You are number 1, in the 1st fifth, closed first. Nobody is closed before you." in page.text
        steps = [rung.text for rung in page.one("svg").all("g")]
        assert steps[0] == "1st fifth, closed first 1 position, 0 ahead, you"
        assert steps[1] == "2nd fifth nobody begins here"
        assert figures_of(page)["ADL meter would read"] == str(meter.levels[-1])
        assert "The venue's meter counts your own position in and reads as the 5th fifth" in page.text
    assert find_steps(queue["columns"])[4].count == 3


def test_a_meter_that_goes_by_the_begin_is_told_as_it_is() -> None:
    """A fraction is 1 less the share ahead, and where levels are of the same fifth there is nothing to explain."""
    fraction, levels = (read_bundled_cards()[venue].meter for venue in ("bitget", "okx"))
    assert isinstance(fraction, FractionMeter)
    queue = queue_of([1.0])
    queue["columns"]["adl_meter"] = [1.0]
    assert "counts your own position in" not in render(answer_with(queue), "p0", meter=fraction).text
    queue = queue_of([0.1, 0.2, 1.0])
    queue["columns"]["adl_meter"] = [5.0, 5.0, 0.0]
    assert "counts your own position in" not in render(answer_with(queue), "p1", meter=levels).text
    assert "counts your own position in" in render(answer_with(queue), "p2", meter=levels).text


@pytest.mark.parametrize("own", [1, 2, 3])
def test_who_has_the_key_of_others_may_be_closed_before_or_after_them(own: int) -> None:
    """All of one key stand on the step of the first, up to rounding; only those of higher keys are surely before."""
    queue = queue_of([0.1, 0.3, 0.6, 0.9, 1.0])
    queue["columns"]["priority"] = [0.9, 0.7, 0.7 * (1 - 1e-15), 0.7 * (1 - 2e-15), 0.5]
    text = render(answer_with(queue), f"p{own}").text
    assert f"You are number {own + 1}, in the 1st fifth, closed first. Before you 10 contracts are closed" in text
    assert "2 others have the same key and may be closed before or after you" in text
    assert [step.count for step in find_steps(queue["columns"])] == [4, 0, 0, 0, 1]
    queue["columns"]["priority"] = [0.7, 0.7, 0.6, 0.5, 0.4]
    text = render(answer_with(queue), "p0").text
    assert "Nobody has a higher key. 1 other has the same key and may be closed before or after you" in text


def test_a_key_of_an_account_that_lost_nearly_all_has_fewer_digits() -> None:
    """Keys that differ only by what rounding does to a small equity are equal, as they are where books are ranked."""
    queue = queue_of([0.5, 1.0])
    queue["columns"] |= {"priority": [-1.0, -1.0 - 1e-9], "effective_leverage": [1e7, 1e7]}
    assert find_begins(queue["columns"]) == [0.0, 0.0]
    queue["columns"]["effective_leverage"] = [3.0, 3.0]
    assert find_begins(queue["columns"]) == [0.0, 0.5]


@given(st.lists(shares, min_size=1, max_size=50))
def test_steps_begin_where_fifths_do(percentiles: list[float]) -> None:
    """Each position is on the step of the share that is closed before it."""
    columns = queue_of(percentiles)["columns"]
    ahead = [0.0, *columns["percentile"]]
    for fifth, step in enumerate(find_steps(columns), 1):
        places = [] if step.first is None or step.last is None else range(step.first, step.last + 1)
        assert [fifth_beginning_at(ahead[place]) for place in places] == [fifth] * step.count


@given(st.lists(shares, min_size=1, max_size=50), st.integers(0, 5))
def test_every_position_of_the_queue_is_on_one_step(percentiles: list[float], out: int) -> None:
    """The five steps follow each other without gaps; who is not in the queue is on none."""
    steps = find_steps(queue_of(percentiles, out=out)["columns"])
    assert len(steps) == 5
    places = [place for step in steps if step.first is not None for place in range(step.first, (step.last or 0) + 1)]
    assert places == list(range(len(percentiles)))
    assert sum(step.count for step in steps) == len(percentiles)


@given(st.lists(shares, min_size=1, max_size=40), st.integers(0, 3), st.data())
def test_every_number_is_the_apis(percentiles: list[float], out: int, data: st.DataObject) -> None:
    """Whatever the queue, each number that the section carries is in the answer."""
    queue = queue_of(percentiles, out=out)
    own = data.draw(st.sampled_from([None, *queue["columns"]["id"]]))
    answer = answer_with(queue)
    assert set(carried_numbers(render(answer, own))) <= numbers_in(answer)


def test_one_sees_oneself_on_the_ladder() -> None:
    """Rank, step, size ahead, meter and key in words and figures, and the own step told apart by its text."""
    answer = answer_with(queue_of([0.1, 0.3, 0.5, 0.7, 0.9]))
    page = render(answer, "p2")
    assert "You are number 3, in the 2nd fifth. Before you 20 contracts are closed, worth 2,000 at mark." in page.text
    steps = [rung.text for rung in page.one("svg").all("g")]
    assert [step.endswith("you") for step in steps] == [False, True, False, False, False]
    assert "1 position, 20 ahead" in steps[1]
    figures = figures_of(page)
    assert figures["Size ahead"] == "20"
    assert figures["Queue before you"] == "30 %"
    assert figures["Queue up to your end"] == "50 %"
    assert figures["ADL meter would read"] == "unknown"
    rows = [[cell.text for cell in row.all("td")] for row in page.all("table")[0].one("tbody").all("tr")]
    assert rows[1][:3] == ["1", "3", "20"]
    described = page.one("svg").one("desc").text
    assert described.count("you") == 1


def test_the_first_is_told_that_nobody_is_before() -> None:
    """An amount of 0 ahead is said in words."""
    assert "Nobody is closed before you." in render(answer_with(queue_of([0.5, 1.0])), "p0").text


def test_who_is_in_no_queue_is_told_why() -> None:
    """Insolvent, or without profit under a formula that ranks winners only; never a step."""
    insolvent = answer_with(queue_of([1.0], out=1))
    assert "You are not in the queue: the position is insolvent" in render(insolvent, "p1").text
    loser = queue_of([1.0], out=1)
    loser["columns"]["effective_leverage"][1] = 4.0
    loser["columns"]["unrealized_pnl"][1] = -1.0
    page = render(answer_with(loser), "p1")
    assert "this formula ranks winners only, and the position has no profit" in page.text
    assert not any("you" in rung.text.split() for rung in page.one("svg").all("g"))


def test_a_queue_of_nobody_is_said() -> None:
    """Where nobody is in the queue there is no ladder."""
    page = render(answer_with(queue_of([], out=2)), None)
    assert "None of 2 longs is in the queue." in page.text
    assert page.all("svg") == []


def test_the_front_and_those_around_oneself_are_listed() -> None:
    """The first five, and two on either side of the own position; what is left out between them shows as such."""
    answer = answer_with(queue_of([(place + 1) / 40 for place in range(40)]))
    table = render(answer, "p20").all("table")[1]
    assert [row.all("th")[0].text for row in table.one("tbody").all("tr")] == [
        *("p0", "p1", "p2", "p3", "p4", "…"),
        *("p18", "p19", "p20 (you)", "p21", "p22"),
    ]


@pytest.mark.parametrize("own_id", [None, "nobody"])
def test_without_a_position_of_ones_own_the_queue_is_shown(own_id: str | None) -> None:
    """All steps, nobody marked, and the front."""
    page = render(answer_with(queue_of([0.2, 0.4, 1.0])), own_id)
    assert len(page.one("svg").all("g")) == 5
    assert page.all("", css="fifth-here") == []


def test_the_rule_and_how_sure_it_is_are_said() -> None:
    """Whose formula ranks, and the confidence in it; of one's own choice there is none."""
    answer = answer_with(queue_of([1.0]))
    assert "the formula of okx. How sure that is: documented" in render(answer, None).text
    chosen = render({**answer, "formula_source": "request", "confidence": None}, None)
    assert "the formula that you chose" in chosen.text
    assert "How sure" not in chosen.text


def test_ids_are_shown_as_text() -> None:
    """Markup in an id is no markup, and NUL is replaced."""
    queue = queue_of([1.0])
    queue["columns"]["id"] = ["<b>\0</b>"]
    page = render(answer_with(queue), "<b>\0</b>")
    assert page.all("b") == []
    assert "<b>\N{REPLACEMENT CHARACTER}</b> (you)" in page.text
