"""ccxt's side of a venue: its requests, its streams, and its errors turned into ours. Nothing else imports ccxt.

Traps of ccxt 4.5 that are stepped around here:

- importing it takes seconds, so that happens in a thread, and only once a venue is asked;
- the headers of an answer are kept once per exchange, where requests at the same time overwrite each other's: they are
  read in ``handle_errors``, which gets those of its own request;
- ``load_markets`` shares one future among all callers: whoever is cancelled takes the others along. It never loads
  here; ``fetch_perpetuals`` does;
- ``watch_liquidations`` tells the first liquidation of a message, and none that come between two calls: the messages
  are taken as they arrive, before that.
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
_DETAIL: Final = 200  # characters of what a venue or ccxt says

# ccxt's errors, the special before the general.
_OUTCOMES: Final[tuple[tuple[str, Outcome], ...]] = (
    ("RateLimitExceeded", "rate-limited"),
    ("DDoSProtection", "rate-limited"),
    ("RequestTimeout", "timeout"),
    ("BadResponse", "unreadable"),
    ("OperationFailed", "unavailable"),  # NetworkError, ExchangeNotAvailable, OnMaintenance
    ("ExchangeClosedByUser", "unavailable"),
    ("BaseError", "refused"),
)


def refusal_of(error: BaseException) -> FetchError:
    """What ``error``, of whatever kind, says of the venue."""
    if isinstance(error, FetchError):
        return error
    said = f"{type(error).__name__}: {' '.join(str(error).split())}"[:_DETAIL]
    if isinstance(error, TimeoutError):
        return FetchError("timeout", said)
    outcome = _outcome(error)
    if outcome == "refused" and isinstance(error.__cause__, (OSError, *_classes("aiohttp", "ClientError"))):
        # ccxt takes a connection that is cut within an answer for an error of the request.
        outcome = "unavailable"
    return FetchError(outcome, said)


def _outcome(error: BaseException) -> Outcome:
    for name, outcome in _OUTCOMES:
        if isinstance(error, _classes("ccxt", name)):
            return outcome
    return "unreadable"  # ccxt reads answers unguarded: KeyError, TypeError and the like are its words for it


def _classes(module: str, name: str) -> tuple[type[BaseException], ...]:
    """The class of that name, or none: no error is of a module that was never loaded."""
    return () if module not in sys.modules else (getattr(sys.modules[module], name),)


class Client:
    """One venue's connections."""

    def __init__(self, source: Source, *, url: str | None, request_seconds: float, ping_seconds: float) -> None:
        self._source = source
        self._ping_seconds = ping_seconds
        self.heartbeat_seconds = min(ping_seconds, _LONGEST_HEARTBEAT_SECONDS)  # how often to look what was heard
        self._request_seconds = request_seconds
        self._url = None if url is None else urlsplit(url)
        self._session: Any = None
        self._ccxt: Any = None

    async def start(self) -> None:
        """Load ccxt and be ready to ask; may be called again."""
        if self._ccxt is not None:
            return
        pro = await asyncio.to_thread(importlib.import_module, "ccxt.pro")
        if self._ccxt is not None:  # another one was faster
            return
        aiohttp = importlib.import_module("aiohttp")  # which ccxt asks with
        # A session of ours: ccxt's own sets an option of aiohttp that newer Pythons warn of. Certificates as in ccxt's,
        # which needs none of the system, and the system's beside them, for a proxy with one of its own.
        trusted = ssl.create_default_context(cafile=importlib.import_module("certifi").where())
        trusted.load_default_certs()
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusted))
        exchange = type("Asked", (_Asked, getattr(pro, self._source.ccxt)), {})
        self._ccxt = exchange(
            {
                "enableRateLimit": True,
                "timeout": int(self._request_seconds * 1000),
                "session": self._session,
                "options": {**self._source.options, "maxRetriesOnFailure": 0},
            }
        )
        self._ccxt.rate_limited = self._source.rate_limited
        self._ccxt.streaming = {**self._ccxt.streaming, "keepAlive": int(self._ping_seconds * 1000)}
        if self._url is not None:
            self._ccxt.urls = {**self._ccxt.urls, "api": _moved(self._ccxt.urls["api"], self._url)}
            self._ccxt.timeout_on_exit = 0 if self._url.scheme == "http" else self._ccxt.timeout_on_exit

    async def fetch_perpetuals(self) -> list[dict[str, Any]]:
        """The venue's perpetuals in ccxt's words, with the venue's own row under ``info``.

        Raises:
            FetchError: the venue gave nothing usable.
        """
        try:
            self._ccxt.set_markets(await self._ccxt.fetch_markets())
        except Exception as error:
            raise refusal_of(error) from error
        return [market for market in self._ccxt.markets.values() if market.get("swap") is True]

    async def ask(self, endpoint: str, params: Mapping[str, Any]) -> Any:
        """What the venue answers at the endpoint of that name in ccxt.

        Raises:
            FetchError: it gave nothing usable.
        """
        try:
            return await getattr(self._ccxt, endpoint)(dict(params))
        except Exception as error:
            raise refusal_of(error) from error

    def watch(self, market: str) -> "Watch":
        """The venue's liquidations from now on."""
        return Watch(self._ccxt, market)

    async def close(self) -> None:
        """Let go of all connections; the client cannot be used again."""
        if self._ccxt is not None:
            await self._ccxt.close()
            await self._session.close()


class Watch:
    """One stream of liquidations, alive until ``ended``."""

    def __init__(self, exchange: Any, market: str) -> None:
        self._exchange = exchange
        self._messages: list[object] = []
        several = exchange.has.get("watchLiquidationsForSymbols") is True
        watching = exchange.watch_liquidations_for_symbols([market]) if several else exchange.watch_liquidations(market)
        self._task: asyncio.Task[Any] = asyncio.ensure_future(_awaited(watching))
        exchange.watches.append(self._messages)

    async def ended(self, *, seconds: float) -> FetchError | None:
        """Why the stream has ended, if it does so within the time."""
        done, _ = await asyncio.wait({self._task}, timeout=seconds)
        if not done:
            return None
        error = None if self._task.cancelled() else self._task.exception()
        return FetchError("unavailable", "the stream has ended") if error is None else refusal_of(error)

    def heard_at(self) -> datetime | None:
        """When the venue last sent anything over the stream."""
        client = self._exchange.clients.get(self._exchange.watched.get(self._task))
        at = None if client is None else client.last_message_at
        return None if at is None else datetime.fromtimestamp(at / 1000.0, UTC)

    def take(self) -> list[object]:
        """The messages that have come since the last time."""
        taken = self._messages[:]
        self._messages.clear()
        return taken

    async def stop(self) -> None:
        """Stop watching; the connection stays for others until the client is closed."""
        self._exchange.watches = [messages for messages in self._exchange.watches if messages is not self._messages]
        self._exchange.watched.pop(self._task, None)
        self._task.cancel()
        await asyncio.wait({self._task})
        if not self._task.cancelled():
            self._task.exception()  # which nobody waits for any more


async def _awaited(watching: Any) -> Any:
    return await watching


class _Asked:
    """What is done otherwise than in ccxt's class, to which this one is added."""

    markets: Mapping[str, Any] | None
    rate_limited: frozenset[int]

    def __init__(self, config: dict[str, Any]) -> None:
        self.watches: list[list[object]] = []
        self.watched: dict[asyncio.Task[Any] | None, str] = {}
        super().__init__(config)  # type: ignore[call-arg]  # ccxt's

    async def load_markets(self, reload: bool = False, params: object = None) -> Any:  # noqa: ARG002, FBT001, FBT002
        return self.markets

    def parse_market(self, market: object) -> Any:
        try:
            return super().parse_market(market)  # type: ignore[misc]  # ccxt's
        except Exception:  # noqa: BLE001 -- ccxt reads answers unguarded
            return None  # one contract that cannot be read is not listed; the others are

    def handle_errors(self, *answer: Any) -> None:
        code, _reason, _url, _method, headers, body, content, *_ = answer
        wait = _wait(headers)
        if code in self.rate_limited:
            raise FetchError("rate-limited", f"HTTP {code}", retry_after_seconds=wait)
        if code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise FetchError("unavailable", f"HTTP {code}", retry_after_seconds=wait)
        well = code < HTTPStatus.BAD_REQUEST
        if well and content is None:
            page = body.lstrip()[:1] == "<"  # of maintenance, or of whoever stands before the venue
            raise FetchError("unavailable" if page else "unreadable", "a web page" if page else "no JSON")
        try:
            super().handle_errors(*answer)  # type: ignore[misc]  # ccxt's
        except Exception as error:
            if well and not _is_failure(content):
                raise FetchError("unreadable", "another shape") from error
            raise
        if not well:  # what ccxt knows no error of; of the rest it takes some for failures of the venue
            raise FetchError("refused", f"HTTP {code}")

    def watch_multiple(self, url: str, *args: Any, **kwargs: Any) -> Any:
        self.watched[asyncio.current_task()] = url
        return super().watch_multiple(url, *args, **kwargs)  # type: ignore[misc]  # ccxt's

    def handle_liquidation(self, client: object, message: object) -> None:  # noqa: ARG002 -- ccxt's
        for messages in self.watches:
            messages.append(message)


def _is_failure(response: object) -> bool:
    """Whether an answer says in some venue's words that something failed."""
    words = {"code", "msg", "retCode", "ret_code", "retMsg", "status", "error"}
    return isinstance(response, dict) and not words.isdisjoint(response)


def _wait(headers: Mapping[str, str]) -> float | None:
    """The seconds of ``Retry-After``, which may be a date."""
    said = next((value for name, value in headers.items() if name.lower() == "retry-after"), "").strip()
    try:
        seconds = float(said) if said.isdecimal() else _until(said)
    except (ValueError, TypeError):
        return None
    return min(max(seconds, 0.0), _LONGEST_WAIT_SECONDS)


def _until(date: str) -> float:
    at = email.utils.parsedate_to_datetime(date)
    return (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds()


def _moved(urls: Any, to: SplitResult) -> Any:
    """``urls``, however nested, with another server in place of the venue's."""
    if isinstance(urls, dict):
        return {name: _moved(url, to) for name, url in urls.items()}
    if not isinstance(urls, str):
        return urls
    url = urlsplit(urls)
    secure = to.scheme == "https"
    scheme = ("wss" if secure else "ws") if url.scheme in {"ws", "wss"} else to.scheme
    return urlunsplit((scheme, to.netloc, to.path.rstrip("/") + url.path, url.query, ""))
