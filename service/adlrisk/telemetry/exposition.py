"""Metrics as they are read: Prometheus text or OpenMetrics, a hundred lines at a time.

Writing a thousand lines takes milliseconds, in which nobody would be answered; so other requests have their turn
every hundred lines.
"""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, Final

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.exposition import choose_encoder

Encoder = Callable[[Any], bytes]

_END: Final = b"# EOF\n"  # of OpenMetrics, once
_LINES_AT_ONCE: Final = 100


async def exposition(registry: CollectorRegistry, *, accept: str) -> tuple[bytes, str]:
    """All metrics and their media type: OpenMetrics where ``accept`` asks for it, else Prometheus text.

    Only OpenMetrics shows exemplars.
    """
    encode, media_type = _encoder(accept)
    pieces = []
    for family in registry.collect():
        for piece in _written(family, encode):
            pieces.append(piece)
            await asyncio.sleep(0)
    if "openmetrics" in media_type:
        pieces.append(_END)
    return b"".join(pieces), media_type


def _written(family: Metric, encode: Encoder) -> Iterator[bytes]:
    """The lines of a family, its HELP and TYPE before the first."""
    samples = family.samples
    for start in range(0, max(1, len(samples)), _LINES_AT_ONCE):
        family.samples = samples[start : start + _LINES_AT_ONCE]
        piece = encode(_Alone(family)).removesuffix(_END)
        yield piece if start == 0 else piece.split(b"\n", 2)[2]


def _encoder(accept: str) -> tuple[Encoder, str]:
    try:
        return choose_encoder(accept)
    except (TypeError, ValueError):  # it names a version that is none
        return choose_encoder("")


class _Alone:
    """What an encoder asks of a registry, for one family."""

    def __init__(self, family: Metric) -> None:
        self._family = family

    def collect(self) -> Iterator[Metric]:
        yield self._family
