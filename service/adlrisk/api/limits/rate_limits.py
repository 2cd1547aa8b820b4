"""How often a caller may ask: checked before a body is read, and told in every answer.

The headers are those of the IETF's draft on them (draft-ietf-httpapi-ratelimit-headers-10), which is no standard yet.
"""

import math
from typing import Any, Final, Literal

from litestar.types import HTTPScope
from msgspec import Struct
from structlog.typing import FilteringBoundLogger

from adlrisk.api.http.headers import Headers
from adlrisk.api.http.problems import ProblemError
from adlrisk.api.limits.api_keys import Keys
from adlrisk.api.limits.client_address import address_of
from adlrisk.api.limits.rate_breaker import TimelyCounters
from adlrisk.api.limits.rate_window import Window
from adlrisk.settings import Settings
from adlrisk.telemetry.metrics import Metrics

PolicyName = Literal["requests", "batches"]

_KEY_LENGTH: Final = 16  # of a digest, enough to tell keys apart


class Policy(Struct, frozen=True, kw_only=True):
    """How often each caller may ask for something of a kind."""

    name: PolicyName
    limit: Any  # a RateLimitItem of limits, which is only imported where there is one

    @property
    def described(self) -> bytes:
        """As the header RateLimit-Policy has it."""
        return f'"{self.name}";q={self.limit.amount};w={self.limit.get_expiry()}'.encode()


def build_rate_limits(
    settings: Settings, *, keys: Keys, metrics: Metrics, logger: FilteringBoundLogger
) -> "RateLimits":
    """The limits that ``settings`` ask for."""
    given: dict[PolicyName, str] = {"requests": settings.rate_limit, "batches": settings.batch_rate_limit}
    if not any(given.values()):
        return RateLimits({}, None, keys=keys, metrics=metrics)
    from limits import parse  # noqa: PLC0415 (a twentieth of a second, for those who want limits)

    from adlrisk.api.limits.rate_counters import MemoryCounters, RedisCounters  # noqa: PLC0415
    from adlrisk.redis_access import redis_access  # noqa: PLC0415

    def on_change(reason: str | None) -> None:
        if reason is None:
            logger.info("rate limits counted again")
        else:
            logger.warning("rate limits not counted", reason=reason)

    counters = TimelyCounters(
        RedisCounters(redis_access(settings)) if settings.redis_url else MemoryCounters(),
        deadline_seconds=settings.redis_deadline_seconds,
        on_change=on_change,
    )
    policies = {name: Policy(name=name, limit=parse(limit)) for name, limit in given.items() if limit}
    return RateLimits(policies, counters, keys=keys, metrics=metrics)


class RateLimits:
    """The limits in force. Where it cannot be known how often a caller has asked, the caller passes."""

    def __init__(
        self, policies: dict[PolicyName, Policy], counters: TimelyCounters | None, *, keys: Keys, metrics: Metrics
    ) -> None:
        self._policies = policies
        self._counters = counters
        self._keys = keys
        self._metrics = metrics

    def policy(self, name: PolicyName) -> Policy | None:
        """The limit of that name, where there is one."""
        return self._policies.get(name)

    async def admit(self, policy: Policy, scope: HTTPScope, head: Headers) -> None:
        """Let a request pass whose caller has not asked too often.

        Raises:
            ProblemError: the caller has (429).
        """
        window = await self._counted(policy, scope, head)
        if window is None:
            self._metrics.rate_limit_unchecked()
            return
        headers: list[tuple[bytes, bytes]] = scope["state"]["answer_headers"]
        headers += ((b"ratelimit-policy", policy.described), (b"ratelimit", _described(policy, window)))
        if window.passed:
            return
        self._metrics.rejected("rate")
        wait = max(1, window.retry_after)
        detail = f"More than {window.limit} {policy.name} in {window.seconds} s; try again in {wait} s"
        raise ProblemError("rate-limited", detail, headers={"retry-after": str(wait)})

    async def close(self) -> None:
        """Stop counting."""
        if self._counters is not None:
            await self._counters.close()

    async def _counted(self, policy: Policy, scope: HTTPScope, head: Headers) -> Window | None:
        if self._counters is None:
            return None
        key = self._keys.known(head)
        caller = f"key:{key[:_KEY_LENGTH]}" if key else f"address:{address_of(scope)}"
        return await self._counters.count(policy.limit, caller)


def _described(policy: Policy, window: Window) -> bytes:
    """As the header RateLimit has it: what is left, and for how long it has to do."""
    seconds = window.retry_after or math.ceil(window.current_seconds) or window.seconds
    return f'"{policy.name}";r={window.left};t={seconds}'.encode()
