"""The row of requests: rates, errors, latencies, limits and books."""

from typing import Final

from dashboard.panel import ASKED, HERE, RATE, Panel, Query, Row

ROW: Final = Row(
    title="Requests",
    panels=(
        Panel(
            title="Requests by route",
            description="A route that falls to zero: a bot has stopped; see its own log.",
            queries=(Query(f"sum by (route) (rate(adlrisk_http_requests_total{{{ASKED}}}{RATE}))", "{{route}}"),),
            kind="stacked",
            unit="per second",
        ),
        Panel(
            title="Errors by status",
            description=(
                "4xx: invalid requests, see Problems by type. 5xx: errors of the service, look for defect in its log. "
                "499: clients that disconnected before the answer."
            ),
            queries=(
                Query(
                    f'sum by (status) (rate(adlrisk_http_requests_total{{status!~"2..|3..", {ASKED}}}{RATE}))',
                    "{{status}}",
                ),
            ),
            unit="per second",
        ),
        Panel(
            title="Problems by type",
            description=(
                "Each type is explained at /problems/<type>. internal-error is a defect: report it with the traceback "
                "in the log. unknown-venue or invalid-request rising: a bot was changed."
            ),
            queries=(Query(f"topk(8, sum by (type) (rate(adlrisk_problems_total{{{HERE}}}{RATE})) > 0)", "{{type}}"),),
            unit="per second",
        ),
        Panel(
            title="Latency of POST /score",
            description=(
                "p50, p95 and p99, measured by the server. Above the target: see Requests in flight and CPU; add "
                "replicas."
            ),
            queries=tuple(
                Query(
                    f"histogram_quantile({quantile}, sum by (le) "
                    f'(rate(adlrisk_http_request_duration_seconds_bucket{{route="/score", {HERE}}}{RATE})))',
                    name,
                )
                for quantile, name in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))
            ),
            unit="seconds",
        ),
        Panel(
            title="p99 latency by route",
            description=(
                "The latency of books and batches grows with their size. A slow route with small requests: something "
                "else blocks the process."
            ),
            queries=(
                Query(
                    "histogram_quantile(0.99, sum by (le, route) "
                    f"(rate(adlrisk_http_request_duration_seconds_bucket{{{ASKED}}}{RATE})))",
                    "{{route}}",
                ),
            ),
            unit="seconds",
        ),
        Panel(
            title="Requests in flight",
            description=(
                "Requests being answered now, by replica. Rising without more requests: something is slow. One replica "
                "alone: the load balancer is uneven."
            ),
            queries=(Query(f"adlrisk_http_requests_in_flight{{{HERE}}}", "{{instance}}"),),
        ),
        Panel(
            title="Concurrency limits in use",
            description=(
                "Share of the slots for requests, large batches, books and connections that is taken. At 1, further "
                "ones are rejected with 503 and Retry-After: add replicas, or raise the limit and the memory."
            ),
            queries=(
                Query(
                    f"max by (limit) (adlrisk_places_taken{{{HERE}}} / adlrisk_places{{{HERE}}})",
                    "{{limit}}",
                ),
            ),
            unit="ratio",
            bad=(0.75, 1.0),
        ),
        Panel(
            title="Rejected requests",
            description=(
                "Requests rejected before their body was read. rate: a client exceeds its rate limit and must "
                "slow down. Others: a concurrency limit is reached; if it lasts, see the runbook of AdlriskOverload."
            ),
            queries=(Query(f"sum by (limit) (rate(adlrisk_rejections_total{{{HERE}}}{RATE}))", "{{limit}}"),),
            unit="per second",
        ),
        Panel(
            title="Callers turned away",
            description=(
                "Requests answered 401, 403 or 429, by the name of the key: unknown, it is not configured (guesses, or "
                "a key that was removed); none, there was no key. See the runbook of AdlriskCallersTurnedAway."
            ),
            queries=(
                Query(
                    f"sum by (key, status) (rate(adlrisk_callers_turned_away_total{{{HERE}}}{RATE})) > 0 "
                    "or on () vector(0)",
                    "{{key}} {{status}}",
                ),
            ),
            unit="per second",
        ),
        Panel(
            title="Requests without a rate-limit check",
            description=(
                "Requests accepted without a rate-limit check, because Redis failed. Above zero: rate limits are not "
                "enforced; see Parameter store, and the runbook of AdlriskRateLimitsUnchecked."
            ),
            queries=(Query(f"sum(rate(adlrisk_rate_limit_unchecked_total{{{HERE}}}{RATE}))", "unchecked"),),
            unit="per second",
        ),
        Panel(
            title="Book duration, p99",
            description=(
                "By operation, without the time in the queue. Beyond a few seconds: books are large; ask clients to "
                "send columns, and to use top or side where that is enough. An exposure takes seconds by itself: its "
                "moves times its cases."
            ),
            queries=(
                Query(
                    "histogram_quantile(0.99, sum by (le, operation) "
                    f"(rate(adlrisk_book_duration_seconds_bucket{{{HERE}}}{RATE})))",
                    "{{operation}}",
                ),
            ),
            unit="seconds",
        ),
        Panel(
            title="Positions in a book",
            description=(
                "p50 and p99 of the books of all operations. Hundreds of thousands: each takes seconds and much "
                "memory; see Book duration and Memory."
            ),
            queries=tuple(
                Query(
                    f"histogram_quantile({quantile}, "
                    f"sum by (le) (rate(adlrisk_book_positions_bucket{{{HERE}}}{RATE})))",
                    name,
                )
                for quantile, name in ((0.5, "p50"), (0.99, "p99"))
            ),
        ),
        Panel(
            title="Body bytes in and out",
            description=("Bodies of requests and answers. Large answers to slow readers stay in memory: see Memory."),
            queries=(
                Query(f"sum(rate(adlrisk_http_request_body_bytes_sum{{{HERE}}}{RATE}))", "in"),
                Query(f"sum(rate(adlrisk_http_response_body_bytes_sum{{{HERE}}}{RATE}))", "out"),
            ),
            unit="bytes",
        ),
    ),
)
