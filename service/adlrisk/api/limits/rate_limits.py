"""Rate limits: how many requests a caller may make in a window, checked before a body is read."""

from typing import Any, Literal

from litestar.types import HTTPScope
from msgspec import Struct
from structlog.typing import FilteringBoundLogger

from adlrisk.api.http.headers import Headers
from adlrisk.api.http.problems import ProblemError
from adlrisk.api.limits.api_keys import Access, ApiKeys
from adlrisk.api.limits.caller import identify_caller
from adlrisk.api.limits.concurrency import PoolName
from adlrisk.api.limits.rate_breaker import RateBreaker
from adlrisk.settings import Settings
from adlrisk.telemetry.metrics import Metrics

PolicyName = Literal["requests", "batches"]


class Policy(Struct, frozen=True, kw_only=True):
    """A limit on how often each caller may make requests of a kind."""

    name: PolicyName
    limit: Any  # a RateLimitItem of limits, which is only imported where there is one


def build_rate_limits(
    settings: Settings, *, api_keys: ApiKeys, metrics: Metrics, logger: FilteringBoundLogger
) -> "RateLimits":
    """The limits that ``settings`` ask for."""
    given: dict[PolicyName, str] = {"requests": settings.rate_limit, "batches": settings.batch_rate_limit}
    if not any(given.values()):
        return RateLimits({}, None, api_keys=api_keys, metrics=metrics)
    from limits import parse  # noqa: PLC0415 (a twentieth of a second, for those who want limits)

    from adlrisk.api.limits.rate_counters import MemoryCounters, RedisCounters  # noqa: PLC0415
    from adlrisk.redis_access import build_redis_access  # noqa: PLC0415

    def on_change(reason: str | None) -> None:
        if reason is None:
            logger.info("rate limits counted again")
        else:
            logger.warning("rate limits not counted", reason=reason)

    counters = RateBreaker(
        RedisCounters(build_redis_access(settings)) if settings.redis_url else MemoryCounters(),
        deadline_seconds=settings.redis_deadline_seconds,
        on_change=on_change,
    )
    policies = {name: Policy(name=name, limit=parse(limit)) for name, limit in given.items() if limit}
    return RateLimits(policies, counters, api_keys=api_keys, metrics=metrics)


class RateLimits:
    """The limits in force. Where the counters do not answer, requests pass unchecked, and are counted as such."""

    def __init__(
        self,
        policies: dict[PolicyName, Policy],
        counters: RateBreaker | None,
        *,
        api_keys: ApiKeys,
        metrics: Metrics,
    ) -> None:
        self._policies = policies
        self._counters = counters
        self._api_keys = api_keys
        self._metrics = metrics

    def policy_of(self, access: Access, pool: PoolName | None) -> Policy | None:
        """The limit of an endpoint with this access and pool; ``None`` where there is none."""
        if access == "open":
            return None
        return self._policies.get("batches" if pool else "requests")

    async def admit(self, policy: Policy, scope: HTTPScope, headers: Headers) -> None:
        """Let a request pass whose caller is within the limit.

        Raises:
            ProblemError: it is beyond (429).
        """
        wait = await self._count(policy, scope, headers)
        if wait is None:
            self._metrics.count_unchecked_rate_limit()
            return
        if not wait:
            return
        self._metrics.count_rejection("rate")
        detail = f"More than {policy.limit.amount} {policy.name} in {policy.limit.get_expiry()} s; retry in {wait} s"
        raise ProblemError("rate-limited", detail, headers={"retry-after": str(wait)})

    async def close(self) -> None:
        """Let go of the counters."""
        if self._counters is not None:
            await self._counters.close()

    async def _count(self, policy: Policy, scope: HTTPScope, headers: Headers) -> int | None:
        if self._counters is None:
            return None
        return await self._counters.count(policy.limit, identify_caller(scope, headers, self._api_keys))
