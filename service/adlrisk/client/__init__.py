"""The client of the service: ``Client``, and ``AsyncClient`` for asyncio.

It needs the extra ``client`` (``pip install "adlrisk[client]"``) and nothing of the service.
"""

try:
    import httpx2  # noqa: F401 (whether it is there)
    import stamina  # noqa: F401
except ImportError as error:
    raise ImportError(f"{error.name} is not installed: pip install 'adlrisk[client]'") from error

from adlrisk.api.http.problems import FieldError, Problem
from adlrisk.client.async_client import AsyncClient
from adlrisk.client.client import Client
from adlrisk.client.errors import ClientError, NoAnswerError, ProblemError, UnreadableAnswerError, UnsendableError

__all__ = [
    "AsyncClient",
    "Client",
    "ClientError",
    "FieldError",
    "NoAnswerError",
    "Problem",
    "ProblemError",
    "UnreadableAnswerError",
    "UnsendableError",
]
