"""The client of the service: ``Client``, and ``AsyncClient`` for asyncio.

It needs the extra ``client`` (``pip install "adlrisk[client]"``) and nothing of the service.
"""

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
