"""Sending through apprise: what a receiver gets, and what is said where it gets nothing."""

import asyncio
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from adlrisk.watch.delivery.receivers import parse_receivers
from adlrisk.watch.delivery.sending import AppriseSender, DeliveryError
from adlrisk.watch.messages.delivery import Delivery
from support.watch.notified import NotificationReceiver


@pytest.fixture
def listening() -> Iterator[NotificationReceiver]:
    with NotificationReceiver() as receiver:
        yield receiver


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

    class Hanging:
        def notify(self, **_: object) -> bool:
            return released.wait(10)

    class Breaking:
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
