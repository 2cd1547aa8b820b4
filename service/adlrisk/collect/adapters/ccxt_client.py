"""The client of one venue through ccxt: requests, liquidation streams, and errors. Nothing else imports ccxt.

Traps of ccxt 4.5 that are avoided here:

- importing it takes seconds, so it is imported in a thread on first use;
- response headers are stored once per exchange, where concurrent requests overwrite each other's: they are read in
  ``handle_errors``, which receives those of its own request;
- ``load_markets`` shares one future among all callers, so that the cancellation of one cancels the others. Here it
  never loads; ``fetch_perpetuals`` does;
- ``watch_liquidations`` returns the first liquidation of a message and drops those between two calls: messages are
  taken as they arrive, before that.
"""

import asyncio
import email.utils
import importlib
import ssl
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit, urlunsplit

from adlrisk.collect.adapters.observation import FetchError, Outcome
from adlrisk.collect.adapters.source import Source

_LONGEST_HEARTBEAT_SECONDS: Final = 1.0
_LONGEST_WAIT_SECONDS: Final = 86_400.0
_LONGEST_DETAIL: Final = 200  # characters of a message of the venue or ccxt

# ccxt's errors, subclasses first.
_OUTCOMES: Final[tuple[tuple[str, Outcome], ...]] = (
    ("RateLimitExceeded", "rate-limited"),
    ("DDoSProtection", "rate-limited"),
    ("RequestTimeout", "timeout"),
    ("BadResponse", "unreadable"),
    ("OperationFailed", "unavailable"),  # NetworkError, ExchangeNotAvailable, OnMaintenance
    ("ExchangeClosedByUser", "unavailable"),
    ("BaseError", "refused"),
)


def to_fetch_error(error: BaseException) -> FetchError:
    """Any ``error`` as a ``FetchError`` with its outcome."""
    if isinstance(error, FetchError):
        return error
    text = f"{type(error).__name__}: {' '.join(str(error).split())}"[:_LONGEST_DETAIL]
    if isinstance(error, TimeoutError):
        return FetchError("timeout", text)
    outcome = _outcome_of(error)
    if outcome == "refused" and isinstance(error.__cause__, (OSError, *_classes("aiohttp", "ClientError"))):
        # ccxt reports a connection that breaks within an answer as an error of the request.
        outcome = "unavailable"
    return FetchError(outcome, text)


def _outcome_of(error: BaseException) -> Outcome:
    for name, outcome in _OUTCOMES:
        if isinstance(error, _classes("ccxt", name)):
            return outcome
    return "unreadable"  # ccxt parses without checks, so a KeyError or TypeError means an unreadable answer


def _classes(module: str, name: str) -> tuple[type[BaseException], ...]:
    """The class of that name, or none if its module was never imported, as then no error is an instance."""
    return () if module not in sys.modules else (getattr(sys.modules[module], name),)


class CcxtClient:
    """One venue's connections through ccxt."""

    def __init__(self, source: Source, *, url: str | None, request_seconds: float, ping_seconds: float) -> None:
        self._source = source
        self._ping_seconds = ping_seconds
        self.heartbeat_seconds = min(ping_seconds, _LONGEST_HEARTBEAT_SECONDS)  # how often streams are checked
        self._request_seconds = request_seconds
        self._url = None if url is None else urlsplit(url)
        self._session: Any = None
        self._ccxt: Any = None

    async def start(self) -> None:
        """Import ccxt and create its exchange, once; may be called again."""
        if self._ccxt is not None:
            return
        pro = await asyncio.to_thread(importlib.import_module, "ccxt.pro")
        if self._ccxt is not None:  # a concurrent call was faster
            return
        aiohttp = importlib.import_module("aiohttp")  # the HTTP client of ccxt
        # Our own session: ccxt's sets an option of aiohttp that newer Pythons warn of. It trusts the certificates of
        # certifi, as ccxt's does, and those of the system, for a proxy with a certificate of its own.
        trusted = ssl.create_default_context(cafile=importlib.import_module("certifi").where())
        trusted.load_default_certs()
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusted))
        exchange = type("AdaptedExchange", (_CcxtOverrides, getattr(pro, self._source.ccxt)), {})
        self._ccxt = exchange(
            {
                "enableRateLimit": True,
                "timeout": int(self._request_seconds * 1000),
                "session": self._session,
                "options": {**self._source.options, "maxRetriesOnFailure": 0},
            }
        )
        self._ccxt.rate_limit_statuses = self._source.rate_limit_statuses
        self._ccxt.liquidation_channel = self._source.liquidation_channel
        self._ccxt.streaming = {**self._ccxt.streaming, "keepAlive": int(self._ping_seconds * 1000)}
        if self._url is not None:
            self._ccxt.urls = {**self._ccxt.urls, "api": _replace_server(self._ccxt.urls["api"], self._url)}
            self._ccxt.timeout_on_exit = 0 if self._url.scheme == "http" else self._ccxt.timeout_on_exit

    async def fetch_perpetuals(self) -> list[dict[str, Any]]:
        """The venue's perpetuals in ccxt's form, with the venue's own row under ``info``.

        Raises:
            FetchError: the venue gave no usable answer.
        """
        try:
            self._ccxt.set_markets(await self._ccxt.fetch_markets())
        except Exception as error:
            raise to_fetch_error(error) from error
        return [market for market in self._ccxt.markets.values() if market.get("swap") is True]

    async def request(self, endpoint: str, params: Mapping[str, Any]) -> Any:
        """The venue's answer at the endpoint of that name in ccxt.

        Raises:
            FetchError: the venue gave no usable answer.
        """
        try:
            return await getattr(self._ccxt, endpoint)(dict(params))
        except Exception as error:
            raise to_fetch_error(error) from error

    def open_stream(self, market: str) -> "LiquidationStream":
        """Start a stream of the venue's liquidations."""
        return LiquidationStream(self._ccxt, market)

    async def close(self) -> None:
        """Close all connections; the client cannot be used again."""
        if self._ccxt is not None:
            await self._ccxt.close()
            await self._session.close()


class LiquidationStream:
    """A stream of one contract's liquidations; alive until ``wait_ended`` returns an error."""

    def __init__(self, exchange: Any, market: str) -> None:
        self._exchange = exchange
        self._messages: list[object] = []
        self._task: asyncio.Task[Any] = asyncio.ensure_future(_run(exchange.subscribe_liquidations(market)))
        exchange.message_queues.append(self._messages)

    async def wait_ended(self, *, seconds: float) -> FetchError | None:
        """The error that ended the stream; ``None`` if it is still alive after ``seconds``."""
        done, _ = await asyncio.wait({self._task}, timeout=seconds)
        if not done:
            return None
        error = None if self._task.cancelled() else self._task.exception()
        return FetchError("unavailable", "the stream has ended") if error is None else to_fetch_error(error)

    def last_message_at(self) -> datetime | None:
        """When the venue last sent anything over the stream, pongs included."""
        client = self._exchange.clients.get(self._exchange.stream_urls.get(self._task))
        at = None if client is None else client.last_message_at
        return None if at is None else datetime.fromtimestamp(at / 1000.0, UTC)

    def take_messages(self) -> list[object]:
        """The messages received since the last call."""
        taken = self._messages[:]
        self._messages.clear()
        return taken

    async def stop(self) -> None:
        """Stop the stream; its connection stays open for others until the client is closed."""
        self._exchange.message_queues = [
            messages for messages in self._exchange.message_queues if messages is not self._messages
        ]
        self._exchange.stream_urls.pop(self._task, None)
        self._task.cancel()
        await asyncio.wait({self._task})
        if not self._task.cancelled():
            self._task.exception()  # marks the error as retrieved


async def _run(subscription: Any) -> Any:
    return await subscription


class _CcxtOverrides:
    """Mix-in with the methods of ccxt's exchange class that are overridden."""

    markets: Mapping[str, Any] | None
    rate_limit_statuses: frozenset[int]
    liquidation_channel: str | None

    def __init__(self, config: dict[str, Any]) -> None:
        self.message_queues: list[list[object]] = []
        self.stream_urls: dict[asyncio.Task[Any] | None, str] = {}
        super().__init__(config)  # type: ignore[call-arg]  # ccxt's

    async def load_markets(self, reload: bool = False, params: object = None) -> Any:  # noqa: ARG002, FBT001, FBT002
        return self.markets

    def parse_market(self, market: object) -> Any:
        try:
            return super().parse_market(market)  # type: ignore[misc]  # ccxt's
        except Exception:  # noqa: BLE001 -- ccxt parses without checks
            return None  # leaves out only the contract that cannot be read

    def handle_errors(self, *answer: Any) -> None:
        code, _reason, _url, _method, headers, body, content, *_ = answer
        wait = _parse_retry_after(headers)
        if code in self.rate_limit_statuses:
            raise FetchError("rate-limited", f"HTTP {code}", retry_after_seconds=wait)
        if code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise FetchError("unavailable", f"HTTP {code}", retry_after_seconds=wait)
        is_ok = code < HTTPStatus.BAD_REQUEST
        if is_ok and content is None:
            is_page = body.lstrip()[:1] == "<"  # of maintenance, or of a proxy in front of the venue
            raise FetchError("unavailable" if is_page else "unreadable", "a web page" if is_page else "no JSON")
        try:
            super().handle_errors(*answer)  # type: ignore[misc]  # ccxt's
        except Exception as error:
            if is_ok and not _is_failure(content):
                raise FetchError("unreadable", "another shape") from error
            raise
        if not is_ok:  # ccxt raised no error for this status, as it does for others
            raise FetchError("refused", f"HTTP {code}")

    def subscribe_liquidations(self, market: str) -> Any:
        """Subscribes to a contract's liquidations; ends only in an error, since no message is ever resolved."""
        exchange: Any = self
        if self.liquidation_channel is not None:
            listed = exchange.market(market)
            url, name = exchange.get_url_by_market(listed), f"liquidations:{market}"
            return exchange.subscribe_public(url, name, [listed["id"]], self.liquidation_channel, {}, {})
        if exchange.has.get("watchLiquidationsForSymbols") is True:
            return exchange.watch_liquidations_for_symbols([market])
        return exchange.watch_liquidations(market)

    def watch(self, url: str, *args: Any, **kwargs: Any) -> Any:
        self.stream_urls[asyncio.current_task()] = url
        return super().watch(url, *args, **kwargs)  # type: ignore[misc]  # ccxt's

    def watch_multiple(self, url: str, *args: Any, **kwargs: Any) -> Any:
        self.stream_urls[asyncio.current_task()] = url
        return super().watch_multiple(url, *args, **kwargs)  # type: ignore[misc]  # ccxt's

    def handle_message(self, client: object, message: Any) -> Any:
        own = self.liquidation_channel is not None and isinstance(message, dict)
        if own and message.get("channel") == self.liquidation_channel and message.get("event") == "update":
            return self.handle_liquidation(client, message)
        return super().handle_message(client, message)  # type: ignore[misc]  # ccxt's

    def handle_liquidation(self, client: object, message: object) -> None:  # noqa: ARG002 -- ccxt's
        for messages in self.message_queues:
            messages.append(message)


def _is_failure(response: object) -> bool:
    """Whether an answer has a key by which some venue reports a failure."""
    keys = {"code", "msg", "retCode", "ret_code", "retMsg", "status", "error"}
    return isinstance(response, dict) and not keys.isdisjoint(response)


def _parse_retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds of ``Retry-After``, a number or a date; ``None`` if it is neither."""
    text = next((value for name, value in headers.items() if name.lower() == "retry-after"), "").strip()
    try:
        seconds = float(text) if text.isdecimal() else _seconds_until(text)
    except (ValueError, TypeError):
        return None
    return min(max(seconds, 0.0), _LONGEST_WAIT_SECONDS)


def _seconds_until(date: str) -> float:
    at = email.utils.parsedate_to_datetime(date)
    return (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds()


def _replace_server(urls: Any, to: SplitResult) -> Any:
    """``urls``, nested as in ccxt, with ``to`` in place of the venue's server."""
    if isinstance(urls, dict):
        return {name: _replace_server(url, to) for name, url in urls.items()}
    if not isinstance(urls, str):
        return urls
    url = urlsplit(urls)
    secure = to.scheme == "https"
    scheme = ("wss" if secure else "ws") if url.scheme in {"ws", "wss"} else to.scheme
    return urlunsplit((scheme, to.netloc, to.path.rstrip("/") + url.path, url.query, ""))
