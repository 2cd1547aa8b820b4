"""A made-up evening: what a watch of two accounts told, when, and what it rightly did not tell.

A script that prints the transcript, which is in docs/watch.md; a test compares the two.
"""

import io
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import httpx
from msgspec import Struct

from support.positions.fake_account import FakeAccount
from support.positions.fake_venue import OkxVenue
from support.running import WRITABLE, WRITE_KEY, RunningServer
from support.watch.notified import Notification
from support.watch.scene import Scene, StageClock
from support.watch.stage import EVENING

_INTERVAL_SECONDS: Final = 60.0
_HEDGE_ENTRY: Final = 86_000.0
_HEDGE_MARK: Final = 87_400.0
# The stop of hedge: an order of its own kind at OKX, in a list of its own.
_STOP: Final = {
    "instType": "SWAP",
    "instId": "BTC-USDT-SWAP",
    "algoId": "4711",
    "ordType": "conditional",
    "state": "live",
    "side": "sell",
    "posSide": "net",
    "sz": "100",
    "slTriggerPx": "84000",
    "slOrdPx": "-1",
    "reduceOnly": "true",
    "cTime": "1764000000000",
    "uTime": "1764000000000",
}
_SIGNS: Final = {"failure": "EMERGENCY", "warning": "warning", "info": "notice", "success": "recovery"}


class Happening(Struct, frozen=True):
    """Something that happened, and what was told of it to nobody."""

    at: float  # seconds of the evening
    text: str
    untold: str


class Evening:
    """Two accounts, two receivers called chat and mail, and what happens."""

    def __init__(self, scene: Scene, service: RunningServer) -> None:
        self._danger = scene.danger
        self._desk = scene.venue
        self._service = service
        self._hedge = scene.add_venue(OkxVenue())
        self.chat, self.mail = scene.receivers[0], scene.add_receiver()
        scene.receivers.append(self.mail)
        self.stage = scene.set({"hedge": self._hedge}, interval_seconds=_INTERVAL_SECONDS)
        self.happened: list[Happening] = []

    def play(self) -> None:
        """Play it: two watches, and what happens between them."""
        self._danger.set("ok")
        self._hold_hedge(100.0)
        self._put_record_of_hedge()
        self.stage.play(self._play_first)
        self.stage.play(self._play_between)
        self.stage.play(self._play_second)

    async def _play_first(self) -> None:
        self._note("the watch starts; desk is short at Binance, hedge long at OKX")
        async with self.stage.watch():
            await self._at(
                4.1, "the market turns: extreme funding and a spike of liquidations; the venue's meter rises"
            )
            self._danger.set("high")
            await self._flap()
            await self._at(20.1, "the market is calm, and desk's meter low again")
            self._danger.set("ok")
            await self._at(
                30.1, "Binance does not answer any more", untold="what becomes of desk meanwhile: nobody knows it"
            )
            self._desk.failing = FakeAccount.DOWN
            await self._at(38.1, "Binance answers again")
            self._desk.failing = None
            await self._at(45.1, "the chat refuses messages: it answers 503")
            self.chat.status = 503
            await self._at(46.1, "desk's meter rises")
            self._danger.set("watch")
            await self._at(52.1, "an ADL takes half of hedge; its stop order is left as it was")
            self._hedge.answers["/api/v5/trade/orders-algo-pending"] = _list_stop
            self._hedge.force("adl", "long", 50.0)
            self._hedge.forced[-1]["avgPx"] = f"{_HEDGE_MARK:g}"  # where OKX fills an ADL
            self._hold_hedge(50.0)
            await self._at(64.1, "the chat takes messages again")
            self.chat.status = 200
            await self._at(
                70.1,
                "the clock of this machine jumps an hour ahead",
                untold="intervals and budget go by another clock, so nothing comes of it",
            )
            self.stage.wall_jump = 3600.0
            await self.stage.until(72.1 * 60.0)
            self.stage.wall_jump = 0.0
            await self._at(75.0, "the watch is stopped, for a new version")

    async def _flap(self) -> None:
        await self._at(
            9.1,
            "for eight minutes it is calmer and worse again at every other reading",
            untold="eight changes: one reading that is better does not count",
        )
        for turn in range(8):
            self._danger.set("high" if turn % 2 else "watch")
            await self.stage.until((10.1 + turn) * 60.0)

    async def _play_between(self) -> None:
        await self._at(78.0, "desk is high", untold="nobody watches, and it is over at the next start")
        self._danger.set("high")
        await self._at(81.0, "an ADL takes two fifths of desk")
        self._desk.date = self.stage.now()
        self._desk.force("adl", "short", 4.0)
        self._desk.forced[-1]["avgPrice"] = "1588.4"  # below the mark: where the long on the other side was bankrupt
        await self._at(84.0, "the market is calm again")
        self._danger.set("ok", size=6.0)

    async def _play_second(self) -> None:
        await self._at(
            90.0, "the new version starts", untold="what it has told before, and what came and went meanwhile"
        )
        async with self.stage.watch():
            await self._at(94.1, "the price rises by an eighth, against desk")
            self._danger.set("ok", size=6.0, mark=1800.0)
            await self._at(99.1, "and falls again")
            self._danger.set("ok", size=6.0)
            await self._at(104.1, "desk is closed by its owner", untold="a position that was ok and is gone")
            self._desk.hold("short", 0.0)
            await self._at(110.0, "the watch is stopped for the night")

    async def _at(self, minute: float, text: str, *, untold: str = "") -> None:
        await self.stage.until(minute * 60.0)
        self._note(text, untold=untold)

    def _note(self, text: str, *, untold: str = "") -> None:
        self.happened.append(Happening(self.stage.passed(), text, untold))

    def _hold_hedge(self, size: float) -> None:
        """Let so many contracts of a hundredth of a bitcoin be held, and win a little."""
        self._hedge.hold("long", size)
        bitcoins = size * 0.01
        self._hedge.positions[0] |= {
            "avgPx": f"{_HEDGE_ENTRY:g}",
            "markPx": f"{_HEDGE_MARK:g}",
            "upl": f"{bitcoins * (_HEDGE_MARK - _HEDGE_ENTRY):g}",
            "notionalUsd": f"{bitcoins * _HEDGE_MARK:g}",
            "mmr": f"{bitcoins * _HEDGE_MARK * 0.004:g}",
        }

    def _put_record_of_hedge(self) -> None:
        record = {
            "funding_rate": 0.0001,
            "funding_interval_hours": 8,
            "liquidation_spike": False,
            "thin_liquidity": False,
            "ttl_seconds": 86_400,
        }
        url = f"{self._service.url}/venues/okx/markets/{self._hedge.symbol}"
        httpx.put(url, json=record, headers={"authorization": f"Bearer {WRITE_KEY}"}).raise_for_status()


def _list_stop(asked: dict[str, str]) -> dict[str, object]:
    return {"code": "0", "data": [_STOP] if asked.get("ordType") == _STOP["ordType"] else []}


def write_transcript(evening: Evening) -> str:
    """What happened and what came, in order; ``>`` is a message, with who got it then."""
    entries = [(one.at, 0, _write_happening(one)) for one in evening.happened]
    by_notification: dict[Notification, list[str]] = {}
    for name, receiver in (("chat", evening.chat), ("mail", evening.mail)):
        for one in receiver.got:
            by_notification.setdefault(one, []).append(name)
    entries += [(one.at - EVENING, 1, _write_notification(one, names)) for one, names in by_notification.items()]
    return "\n".join(text for _, _, text in sorted(entries, key=lambda entry: entry[:2])) + "\n"


def _write_happening(one: Happening) -> str:
    text = f"{_write_time(one.at)}  {one.text}"
    return f"{text}\n          not sent: {one.untold}" if one.untold else text


def _write_notification(one: Notification, names: list[str]) -> str:
    head = f"{_write_time(one.at - EVENING)} > {_SIGNS[one.kind]} to {' and '.join(names)}: {one.title}"
    return "\n".join([head, *(f"          | {line}".rstrip() for line in one.body.splitlines())])


def _write_time(seconds: float) -> str:
    return f"{datetime.fromtimestamp(EVENING + seconds, UTC):%H:%M:%S}"


def play_evening(folder: Path) -> Evening:
    """The evening, played, with its state in ``folder``."""
    clock = StageClock()
    with ExitStack() as stack:
        service = stack.enter_context(RunningServer(WRITABLE, log=io.StringIO(), clock=clock))
        evening = Evening(Scene(stack, clock, service, folder / "watch.json"), service)
        evening.play()
    return evening


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        print(write_transcript(play_evening(Path(made))), end="")
