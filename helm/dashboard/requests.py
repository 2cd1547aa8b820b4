"""What is asked, how it is answered, and how long that takes."""

from typing import Final

from dashboard.declared import ASKED, HERE, RATE, Panel, Query, Row

ROW: Final = Row(
    title="Requests",
    panels=(
        Panel(
            title="Requests by route",
            description="What is asked. A route that falls to zero: a bot has stopped; look at its logs before ours.",
            queries=(Query(f"sum by (route) (rate(adlrisk_http_requests_total{{{ASKED}}}{RATE}))", "{{route}}"),),
            kind="stacked",
            unit="per second",
        ),
        Panel(
            title="Answers that are no success",
            description=(
                "4xx: callers send what cannot be answered, see Problems by type. 5xx: ours, see the log for "
                "defect. 499: callers give up before they are answered."
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
                "Each type is explained at /problems/<type>. internal-error is a defect: report it with the "
                "log's traceback. unknown-venue or invalid-request rising: a bot was changed."
            ),
            queries=(Query(f"topk(8, sum by (type) (rate(adlrisk_problems_total{{{HERE}}}{RATE})) > 0)", "{{type}}"),),
            unit="per second",
        ),
        Panel(
            title="Time of POST /score",
            description=(
                "Median, 95th and 99th percentile, as the server sees it. Above the promise: see requests in "
                "flight and CPU; add replicas."
            ),
            queries=tuple(
                Query(
                    f"histogram_quantile({quantile}, sum by (le) "
                    f'(rate(adlrisk_http_request_duration_seconds_bucket{{route="/score", {HERE}}}{RATE})))',
                    name,
                )
                for quantile, name in ((0.5, "median"), (0.95, "95 %"), (0.99, "99 %"))
            ),
            unit="seconds",
        ),
        Panel(
            title="99th percentile by route",
            description=(
                "Books and batches take as long as they are large. A small route that is slow: something else "
                "holds the process up."
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
                "Being answered now, by replica. Rising without more requests: something is slow. One replica "
                "alone: the balancer is uneven."
            ),
            queries=(Query(f"adlrisk_http_requests_in_flight{{{HERE}}}", "{{instance}}"),),
        ),
        Panel(
            title="Places taken",
            description=(
                "Of the places for requests in hand, large batches, books and connections. At 1 more are turned away "
                "with 503 and Retry-After: add replicas, or raise the limit with the memory for it."
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
            title="Turned away",
            description=(
                "Requests refused unread. rate: a caller asks too often, which is the caller's to mend. The others: "
                "the service has as much in hand as fits, for long the runbook of AdlriskOverload."
            ),
            queries=(Query(f"sum by (limit) (rate(adlrisk_rejections_total{{{HERE}}}{RATE}))", "{{limit}}"),),
            unit="per second",
        ),
        Panel(
            title="Let through uncounted",
            description=(
                "Requests that no rate limit could be applied to, because Redis failed. Above zero: limits do not "
                "hold; see the row of the store, and the runbook of AdlriskRateLimitsUnchecked."
            ),
            queries=(Query(f"sum(rate(adlrisk_rate_limit_unchecked_total{{{HERE}}}{RATE}))", "uncounted"),),
            unit="per second",
        ),
        Panel(
            title="Time a book takes",
            description=(
                "99th percentile, without waiting for a turn. Beyond a few seconds: books are large; ask "
                "callers for columns, and for top or side where they need no more."
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
                "Median and 99th percentile of the books worked on. Hundreds of thousands: each takes seconds and much "
                "memory; see Time a book takes and Memory."
            ),
            queries=tuple(
                Query(
                    f"histogram_quantile({quantile}, "
                    f"sum by (le) (rate(adlrisk_book_positions_bucket{{{HERE}}}{RATE})))",
                    name,
                )
                for quantile, name in ((0.5, "median"), (0.99, "99 %"))
            ),
        ),
        Panel(
            title="Bytes in and out",
            description=(
                "Bodies of requests and answers. Large answers that nobody reads fast hold memory: see Memory."
            ),
            queries=(
                Query(f"sum(rate(adlrisk_http_request_body_bytes_sum{{{HERE}}}{RATE}))", "in"),
                Query(f"sum(rate(adlrisk_http_response_body_bytes_sum{{{HERE}}}{RATE}))", "out"),
            ),
            unit="bytes",
        ),
    ),
)
