"""Exposition of metrics as Prometheus text or OpenMetrics, a hundred lines at a time.

Encoding a thousand lines takes milliseconds, so the event loop serves other requests after every hundred.
"""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, Final

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.exposition import choose_encoder

Encoder = Callable[[Any], bytes]

_END: Final = b"# EOF\n"  # of OpenMetrics, once
_LINES_AT_ONCE: Final = 100


async def render_metrics(registry: CollectorRegistry, *, accept: str) -> tuple[bytes, str]:
    """All metrics and their media type: OpenMetrics if ``accept`` asks for it, else Prometheus text.

    Only OpenMetrics has exemplars.
    """
    encode, media_type = _choose_encoder(accept)
    pieces = []
    for family in registry.collect():
        for piece in _encode_family(family, encode):
            pieces.append(piece)
            await asyncio.sleep(0)
    if "openmetrics" in media_type:
        pieces.append(_END)
    return b"".join(pieces), media_type


def _encode_family(family: Metric, encode: Encoder) -> Iterator[bytes]:
    """The lines of a family in pieces; HELP and TYPE come once, at the start."""
    samples = family.samples
    for start in range(0, max(1, len(samples)), _LINES_AT_ONCE):
        family.samples = samples[start : start + _LINES_AT_ONCE]
        piece = encode(_SingleFamilyRegistry(family)).removesuffix(_END)
        yield piece if start == 0 else piece.split(b"\n", 2)[2]


def _choose_encoder(accept: str) -> tuple[Encoder, str]:
    try:
        return choose_encoder(accept)
    except (TypeError, ValueError):  # invalid version parameter
        return choose_encoder("")


class _SingleFamilyRegistry:
    """The part of a registry that an encoder uses, for one family."""

    def __init__(self, family: Metric) -> None:
        self._family = family

    def collect(self) -> Iterator[Metric]:
        yield self._family
