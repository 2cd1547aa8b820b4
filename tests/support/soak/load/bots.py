"""Bots: random scores, batches, partial closes, books and rule cards, with their permitted answers."""

import itertools
import random
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from adlrisk.api.http.codecs import JSON, MSGPACK, Codec
from adlrisk.domain.deleverage.policies import POLICIES
from support.soak import expected
from support.soak.load.exchange import Answer, Expected, Question, find_difference
from support.soak.scene import BUNDLED, CHANGED, MOVING, MOVING_SYMBOLS, RECORDED, STILL, SYMBOLS, Scene

_QUEUED: Final = ("bitmex", "okx", "bybit", "binance", "hyperliquid", "gate", "generic")
_CODECS: Final = (JSON, MSGPACK)
_LARGE_POSITIONS: Final = 4_000  # beyond ADLRISK_INLINE_BOOK_BYTES, so that they go to the worker
_METERS: Final = (None, None, 0, 1, 3, 4, 5, 0.5)
_UNKNOWN_SYMBOLS: Final = 50
_SHARE_NAMED: Final = 0.5  # of batches whose items have ids


class LargeBook(NamedTuple):
    """A book that takes long to process, so its answer is computed once."""

    path: str
    codec: Codec
    body: bytes
    answer: Expected


def large_books(chance: random.Random) -> list[LargeBook]:
    """Books for the worker, as rows and as columns, in both formats."""
    found = []
    for codec, layout in itertools.product(_CODECS, ("rows", "columns")):
        for path in ("/queue/rank", "/adl/allocate"):
            body = codec.encode(book(chance, path, venue="bitmex", count=_LARGE_POSITIONS, layout=layout))
            answer = expected.book(path, body, sent=codec, answered=codec, venues=BUNDLED, instance="")
            found.append(LargeBook(path, codec, body, answer))
    return found


def book(chance: random.Random, path: str, *, venue: str, count: int, layout: str) -> dict[str, Any]:
    """A request with a book of ``count`` positions."""
    columns: dict[str, list[Any]] = {
        "id": [f"account-{number}" for number in range(count)],
        "side": [chance.choice(("long", "short")) for _ in range(count)],
        "size": [chance.randint(1, 50_000) / 1000 for _ in range(count)],
        "entry_price": [round(chance.uniform(1600.0, 2400.0), 2) for _ in range(count)],
        "leverage": [chance.choice((1, 2, 3, 5, 10, 20, 50, 100)) for _ in range(count)],
        "maintenance_margin_rate": [0.004] * count,
    }
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    request: dict[str, Any] = {"venue": venue, "mark_price": 2000, "layout": chance.choice(("rows", "columns"))}
    request |= {"positions": rows} if layout == "rows" else {"columns": columns}
    if path == "/queue/rank":
        return request | chance.choice(({}, {"side": "long"}, {"top": 3}, {"ids": ["account-0"]}))
    policies = list(POLICIES)
    chance.shuffle(policies)
    size = chance.randint(1, count * 10_000) / 1000
    bankrupt = {"side": chance.choice(("long", "short")), "size": size, "bankruptcy_price": 1950}
    given = {"bankrupt": bankrupt, "lot_size": 0.001, "policies": policies}
    return request | given | chance.choice(({}, {"fill_price": "mark"}, {"fill_price": 1990.5}))


class Bot:
    """Asks random questions; the same ones again for the same ``chance``."""

    def __init__(self, name: str, chance: random.Random, scene: Scene, large: Sequence[LargeBook]) -> None:
        self._name = name
        self._chance = chance
        self._scene = scene
        self._large = large
        self._counter = itertools.count(1)
        self._known: dict[tuple[str, str], str] = {}  # ETags by path and format
        self._kinds: dict[Callable[[], Question], int] = {
            self._score: 30,
            self._score_on_record: 15,
            self._score_moving: 15,
            self._score_changed: 10,
            self._scores: 6,
            self._partial: 10,
            self._small_book: 8,
            self._large_book: 2,
            self._card: 6,
            self._venue_list: 2,
            self._record_on_record: 3,
            self._metrics: 1,
        }

    def next_question(self) -> Question:
        """A random question."""
        (ask,) = self._chance.choices(list(self._kinds), list(self._kinds.values()))
        return ask()

    def _headers(self, sent: Codec | None, answered: Codec) -> dict[str, str]:
        """Headers for those formats, with varying names of the media types."""
        named = {} if sent is None else {"content-type": self._chance.choice(sent.media_types)}
        return {**named, "accept": answered.media_types[0], "x-request-id": f"{self._name}-{next(self._counter)}"}

    def _position(self) -> dict[str, Any]:
        chance = self._chance
        position: dict[str, Any] = {
            "side": chance.choice(("long", "short")),
            "size": chance.randint(1, 50_000) / 1000,
            "entry_price": round(chance.uniform(1500.0, 2500.0), 2),
            "mark_price": round(chance.uniform(1500.0, 2500.0), 2),
            "adl_meter": chance.choice(_METERS),
        }
        backing = {"margin": round(chance.uniform(10.0, 50_000.0), 2)}, {"leverage": chance.choice((1, 5, 20, 75))}
        return position | chance.choice(backing) | chance.choice(({}, {"maintenance_margin_rate": 0.01}))

    def _request(self, venue: str, symbol: str | None = None) -> dict[str, Any]:
        request: dict[str, Any] = {"venue": venue, "position": self._position(), "as_of": self._scene.as_of}
        return request if symbol is None else {**request, "symbol": symbol}

    def _score(self) -> Question:
        symbol = self._chance.choice((None, f"UNKNOWN{self._chance.randrange(_UNKNOWN_SYMBOLS)}"))
        request = self._request(self._chance.choice(STILL), symbol)
        request["market"] = self._chance.choice(({}, {"funding_rate": 0.0013}, {"liquidation_spike": True}))

        def rests_on(answer: Answer) -> list[dict[str, Any]]:
            return [{}] if symbol is None else [{"record": lookup} for lookup in self._scene.unknown(answer)]

        return self._scoring("score", request, rests_on)

    def _score_on_record(self) -> Question:
        symbol = self._chance.choice(SYMBOLS)

        def rests_on(answer: Answer) -> list[dict[str, Any]]:
            return [{"record": record} for record in self._scene.records(symbol, answer)]

        return self._scoring("score, market on record", self._request(RECORDED, symbol), rests_on)

    def _score_moving(self) -> Question:
        symbol = self._chance.choice(MOVING_SYMBOLS)

        def rests_on(answer: Answer) -> list[dict[str, Any]]:
            return [{"record": record} for record in self._scene.records(symbol, answer)]

        return self._scoring("score, record changing", self._request(MOVING, symbol), rests_on)

    def _score_changed(self) -> Question:
        def rests_on(answer: Answer) -> list[dict[str, Any]]:
            return [{"override": one} for one in self._scene.overrides(answer)]

        return self._scoring("score, card changing", self._request(CHANGED), rests_on)

    def _scoring(
        self, kind: str, request: dict[str, Any], rests_on: Callable[[Answer], list[dict[str, Any]]]
    ) -> Question:
        """A question for a score that may use any of the records and overrides that ``rests_on`` returns."""
        sent, answered = self._chance.choice(_CODECS), self._chance.choice(_CODECS)
        headers, body = self._headers(sent, answered), sent.encode(request)

        def judge(answer: Answer) -> str | None:
            return find_difference(
                answer,
                (
                    expected.score(
                        body,
                        sent=sent,
                        answered=answered,
                        venues=self._scene.venues(state.get("override", {})),
                        record=state.get("record", "absent"),
                        instance=headers["x-request-id"],
                    )
                    for state in rests_on(answer)
                ),
            )

        return Question(kind=kind, path="/score", headers=headers, body=body, judge=judge)

    def _scores(self) -> Question:
        items = [self._request(self._chance.choice(STILL)) for _ in range(self._chance.randint(1, 40))]
        items[0] |= self._chance.choice(({}, {"venue": "nowhere"}, {"lever": 1}))
        if self._chance.random() < _SHARE_NAMED:
            items = [{**item, "id": f"candidate-{number}"} for number, item in enumerate(items)]
        request = {"items": items, "detail": self._chance.choice(("full", "brief"))}
        sent, answered = self._chance.choice(_CODECS), self._chance.choice(_CODECS)
        headers = self._headers(sent, answered)

        def judge(answer: Answer) -> str | None:
            instance = headers["x-request-id"]
            return find_difference(
                answer, [expected.scores(request, answered=answered, venues=BUNDLED, instance=instance)]
            )

        return Question(kind="scores", path="/scores", headers=headers, body=sent.encode(request), judge=judge)

    def _partial(self) -> Question:
        request = {
            "venue": self._chance.choice(STILL),
            "position": self._position(),
            "close": self._chance.choice(({"fraction": 0.25}, {"size": 0.001}, {"fraction": 1})),
            "margin_mode": self._chance.choice(("isolated", "cross")),
            "scenario_prices": [round(self._chance.uniform(1000.0, 3000.0), 1) for _ in range(3)],
        }
        sent, answered = self._chance.choice(_CODECS), self._chance.choice(_CODECS)
        headers, body = self._headers(sent, answered), sent.encode(request)

        def judge(answer: Answer) -> str | None:
            instance = headers["x-request-id"]
            right = expected.partial(body, sent=sent, answered=answered, venues=BUNDLED, instance=instance)
            return find_difference(answer, [right])

        return Question(kind="partial close", path="/adl/partial", headers=headers, body=body, judge=judge)

    def _small_book(self) -> Question:
        path = self._chance.choice(("/queue/rank", "/adl/allocate"))
        sent, answered = self._chance.choice(_CODECS), self._chance.choice(_CODECS)
        layout, venue = self._chance.choice(("rows", "columns")), self._chance.choice(_QUEUED)
        count = self._chance.randint(1, 60)
        body = sent.encode(book(self._chance, path, venue=venue, count=count, layout=layout))
        headers = self._headers(sent, answered)

        def judge(answer: Answer) -> str | None:
            instance = headers["x-request-id"]
            right = expected.book(path, body, sent=sent, answered=answered, venues=BUNDLED, instance=instance)
            return find_difference(answer, [right])

        return Question(kind=f"{path}, small", path=path, headers=headers, body=body, judge=judge)

    def _large_book(self) -> Question:
        large = self._chance.choice(self._large)
        headers = self._headers(large.codec, large.codec)
        return Question(
            kind=f"{large.path}, large",
            path=large.path,
            headers=headers,
            body=large.body,
            judge=lambda answer: find_difference(answer, [large.answer]),
        )

    def _card(self) -> Question:
        """A rule card, sometimes with the last ETag."""
        venue, answered = self._chance.choice((CHANGED, *STILL)), self._chance.choice(_CODECS)
        path, key = f"/venues/{venue}", (venue, answered.name)
        known = self._known.get(key) if self._chance.random() < 0.7 else None
        headers = self._headers(None, answered) | ({"if-none-match": known} if known else {})

        def judge(answer: Answer) -> str | None:
            overrides = self._scene.overrides(answer)
            cards = [expected.card(venue, answered=answered, venues=self._scene.venues(one)) for one in overrides]
            permitted = [expected.unchanged(card) if card.headers["etag"] == known else card for card in cards]
            wrong = find_difference(answer, permitted)
            if wrong is None:
                self._known[key] = answer.headers["etag"]
            return wrong

        return Question(kind="rule card", method="GET", path=path, headers=headers, judge=judge)

    def _venue_list(self) -> Question:
        answered = self._chance.choice(_CODECS)

        def judge(answer: Answer) -> str | None:
            overrides = self._scene.overrides(answer)
            lists = [expected.venue_list(answered=answered, venues=self._scene.venues(one)) for one in overrides]
            return find_difference(answer, lists)

        headers = self._headers(None, answered)
        return Question(kind="list of venues", method="GET", path="/venues", headers=headers, judge=judge)

    def _record_on_record(self) -> Question:
        symbol, answered = self._chance.choice(SYMBOLS), self._chance.choice(_CODECS)

        def judge(answer: Answer) -> str | None:
            right = expected.record(RECORDED, symbol, self._scene.still[symbol], answer, answered=answered)
            return find_difference(answer, right)

        return Question(
            kind="market on record",
            method="GET",
            path=f"/venues/{RECORDED}/markets/{symbol}",
            headers=self._headers(None, answered),
            needs_store=True,
            judge=judge,
        )

    def _metrics(self) -> Question:
        def judge(answer: Answer) -> str | None:
            is_whole = (
                answer.status == 200 and b"adlrisk_http_requests_total" in answer.body and answer.body[-1:] == b"\n"
            )
            return None if is_whole else f"no metrics: {answer.body[:100]!r}"

        headers = {"accept": "text/plain", "x-request-id": f"{self._name}-{next(self._counter)}"}
        return Question(kind="metrics", method="GET", path="/metrics", headers=headers, judge=judge)
