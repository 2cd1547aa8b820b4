"""What the service promises, as numbers: dashboards and alerts read them from the metrics."""

from typing import Final

AVAILABILITY: Final = 0.999  # share of requests that are not answered 5xx
LATENCY: Final = 0.99  # share of the requests of LATENCY_ROUTE that are answered within LATENCY_SECONDS
LATENCY_SECONDS: Final = 0.01  # a bound of the histogram of durations, so that the share can be read off it
LATENCY_ROUTE: Final = "/score"  # what bots call in their loop
