"""Sending through apprise: what a receiver gets, and what is said where it gets nothing."""

import asyncio
import contextlib
import html
import json
import logging
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest

from adlrisk.watch.delivery.receivers import open_service, parse_receivers
from adlrisk.watch.delivery.sending import TIME_LIMIT_SECONDS, AppriseSender, DeliveryError
from adlrisk.watch.messages.delivery import Delivery
from support.watch.notified import NotificationReceiver


@pytest.fixture
def listening() -> Iterator[NotificationReceiver]:
    with NotificationReceiver() as receiver:
        yield receiver


class Fake:
    """A service of apprise; only its limits are there."""

    def __getitem__(self, _: int) -> Any:
        return SimpleNamespace(body_maxlen=100, title_maxlen=100, notify_format="text")


def sender_to(url: str, **options: Any) -> AppriseSender:
    return AppriseSender(parse_receivers([url], environ={})[0], **options)


def delivery(severity: Any = "warning", *, title: str = "a title", body: str = "a body\nof two lines") -> Delivery:
    return Delivery(numbers=(0,), severity=severity, title=title, body=body)


@pytest.mark.parametrize(
    ("severity", "kind"),
    [("emergency", "failure"), ("warning", "warning"), ("notice", "info"), ("recovery", "success")],
)
def test_a_receiver_gets_title_body_and_kind(listening: NotificationReceiver, severity: str, kind: str) -> None:
    """Each severity is a kind of apprise's; text stays as it is, whatever it has of markup."""
    asyncio.run(sender_to(listening.url).send(delivery(severity, body="1 < 2 & *3* <b>\n${HOME}")))
    (got,) = listening.got
    assert (got.kind, got.title, got.body) == (kind, "a title", "1 < 2 & *3* <b>\n${HOME}")


def test_a_message_without_a_body_is_sent(listening: NotificationReceiver) -> None:
    """Some services refuse an empty one."""
    asyncio.run(sender_to(listening.url).send(delivery(body="")))
    assert listening.titles == ["a title"]


def test_why_a_message_was_not_taken_is_said_without_the_url(
    listening: NotificationReceiver, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """The status of HTTP where there was one, and nothing of apprise's log, which shows URLs."""
    caplog.set_level(logging.DEBUG)
    listening.status = 401
    for url, says in ((listening.url, "it answered 401"), ("json://127.0.0.1:9/token-0123456789abcdef", "reached")):
        with pytest.raises(DeliveryError, match=says) as failed:
            asyncio.run(sender_to(url).send(delivery()))
        assert "token" not in str(failed.value)
        assert failed.value.is_down == (says == "reached")
    printed = capfd.readouterr()
    assert "token" not in caplog.text + printed.out + printed.err


def test_the_status_of_one_failure_is_not_said_of_the_next(listening: NotificationReceiver) -> None:
    """After a 500, one that is not reached was not answered, also in the same thread."""
    listening.status = 500

    def call_here(call: Any, *, name: str) -> "asyncio.Future[Any]":  # noqa: ARG001 (of a thread)
        future = asyncio.get_running_loop().create_future()
        future.set_result(call())
        return future

    async def send_twice() -> None:
        with pytest.raises(DeliveryError, match="500"):
            await sender_to(listening.url, call_in_thread=call_here).send(delivery())
        with pytest.raises(DeliveryError, match="cannot be reached"):
            await sender_to("json://127.0.0.1:9", call_in_thread=call_here).send(delivery())

    asyncio.run(send_twice())


def test_a_service_that_hangs_or_breaks_is_a_failure() -> None:
    """One beyond the time limit, one that raises: no text of its error is passed on."""
    released = threading.Event()

    class Hanging(Fake):
        def notify(self, **_: object) -> bool:
            return released.wait(10)

    class Breaking(Fake):
        def notify(self, **_: object) -> bool:
            raise ValueError("json://secret")

    try:
        with pytest.raises(DeliveryError, match=r"no answer within 0\.01 s"):
            asyncio.run(
                sender_to("json://a", time_limit_seconds=0.01, open_service=lambda _: Hanging()).send(delivery())
            )
    finally:
        released.set()
    with pytest.raises(DeliveryError, match=r"^apprise failed with ValueError$"):
        asyncio.run(sender_to("json://a", open_service=lambda _: Breaking()).send(delivery()))


DISCORD = "discord://123456789012345678/abcdefghijklmnopqrstuvwxyz0123456789"
TELEGRAM = "tgram://123456789:abcdefg_hijklmnop-qrstuv/12345"
PUSHOVER = "pover://abcdefghijklmnopqrstuvwxyz1234@abcdefghijklmnopqrstuvwxyz1234"


@pytest.mark.parametrize(("url", "most"), [(DISCORD, 2000), (TELEGRAM, 4096), (PUSHOVER, 1024)])
def test_what_is_longer_than_a_service_takes_goes_out_in_parts(url: str, most: int) -> None:
    """Each within the limit of the service, and together all of it: one that is too long would be refused for good."""
    lines = [f"position {number} of the account" for number in range(300)]
    sent: list[str] = []

    def post(*_: object, data: Any = None, json: Any = None, **__: object) -> Any:
        sent.append(_text_of(data if json is None else json))
        return SimpleNamespace(status_code=200, content=b"{}", text="{}", headers={})

    unthrottled = mock.patch("apprise.NotifyBase.throttle")  # which waits between two parts
    with mock.patch("requests.post", post), unthrottled:
        asyncio.run(sender_to(url).send(delivery(body="\n".join(lines))))
    assert len(sent) > 1
    assert all(len(text) <= most for text in sent)
    assert [line for text in sent for line in html.unescape(text).splitlines() if line in lines] == lines


def _text_of(sent: Any) -> str:
    """What a reader sees of a payload."""
    payload = json.loads(sent) if isinstance(sent, str | bytes) else sent
    embeds = [embed.get("description", "") for embed in payload.get("embeds", ())]
    texts = [payload.get(name) or "" for name in ("content", "text", "message")]
    return "\n".join([text for text in (*texts, *embeds) if text])


def test_a_title_that_would_be_cut_stands_in_the_body_as_well(listening: NotificationReceiver) -> None:
    """It would be cut at 250 characters, without a word."""
    title = "desk on okx: " + "long " * 60 + "end"
    asyncio.run(sender_to(listening.url).send(delivery(title=title)))
    assert listening.got[0].body == f"{title}\na body\nof two lines"


def test_a_message_that_fits_is_one(listening: NotificationReceiver) -> None:
    """Title and body together up to what the sender names: a bundle of that length is no two messages."""
    sender = sender_to(DISCORD)
    assert 1900 < sender.characters < 2000
    modes = [open_service(url)[0].overflow_mode for url in (DISCORD, f"{DISCORD}?overflow=truncate")]
    assert modes == ["split", "truncate"]  # of what is longer nevertheless
    assert sender_to(listening.url).characters > 30_000
    assert 1600 < sender_to(TELEGRAM).characters < 1700  # many are written as several


def test_a_service_that_answers_late_is_waited_for_and_not_sent_to_again() -> None:
    """The limits of apprise are those of the watch; what is taken after them is known at the next attempt."""
    plugin = open_service("json://127.0.0.1:9")[0]
    assert sum(plugin.request_timeout) == TIME_LIMIT_SECONDS
    calls = 0
    released = threading.Event()

    class Slow(Fake):
        def notify(self, **_: object) -> bool:
            nonlocal calls
            calls += 1
            return released.wait(10)

    async def send_twice() -> None:
        sender = sender_to("json://a", time_limit_seconds=0.01, open_service=lambda _: Slow())
        with pytest.raises(DeliveryError):
            await sender.send(delivery())
        released.set()
        with contextlib.suppress(DeliveryError):  # the thread may need a moment more
            await sender.send(delivery())
        assert calls == 1
        await sender.send(delivery(title="another"))

    asyncio.run(send_twice())
    assert calls == 2


def test_a_late_refusal_is_no_delivery() -> None:
    """The same message is sent again where the late attempt has failed, and where it never ends."""
    outcomes: list[asyncio.Future[Any]] = []

    def call(_: Any, *, name: str) -> "asyncio.Future[Any]":  # noqa: ARG001 (of a thread)
        outcomes.append(asyncio.get_running_loop().create_future())
        return outcomes[-1]

    async def play() -> None:
        sender = sender_to("json://a", time_limit_seconds=0.001, call_in_thread=call)
        for attempts in (1, 1, 2):  # the second waits for the first once more
            with pytest.raises(DeliveryError, match="no answer"):
                await sender.send(delivery())
            assert len(outcomes) == attempts
        outcomes[-1].set_result("it answered 500")
        with pytest.raises(DeliveryError, match="no answer"):
            await sender.send(delivery())
        assert len(outcomes) == 3
        outcomes[-1].set_result(None)
        with pytest.raises(DeliveryError, match="no answer"):
            await sender.send(delivery(title="another"))  # which is not taken because the one before was
        assert len(outcomes) == 4

    asyncio.run(play())


def test_parts_that_were_taken_are_not_sent_again() -> None:
    """Where the second part of three was refused, the next attempt begins with that."""
    got: list[str] = []

    class Refusing(Fake):
        def notify(self, *, title: str, **_: object) -> bool:
            got.append(title)
            return len(got) != 2

    async def play() -> None:
        sender = sender_to("json://a", open_service=lambda _: Refusing())
        long = delivery(title="t", body="\n".join(["x" * 50] * 3))
        with pytest.raises(DeliveryError):
            await sender.send(long)
        await sender.send(long)
        await sender.send(long)  # the same once more, as a new message

    asyncio.run(play())
    assert got == [f"t ({number} of 3)" for number in (1, 2, 2, 3, 1, 2, 3)]


@pytest.mark.parametrize(("status", "is_down"), [(400, False), (413, False), (500, False), (429, True), (503, True)])
def test_whether_a_receiver_is_down_or_refuses_the_message(
    listening: NotificationReceiver, status: int, is_down: bool
) -> None:
    """What is busy or not there refuses any message; else it may be this one."""
    listening.status = status
    with pytest.raises(DeliveryError) as failed:
        asyncio.run(sender_to(listening.url).send(delivery()))
    assert failed.value.is_down == is_down
