"""Network errors in words: the host and the cause, and nothing of the signed URL."""

import socket
import ssl

import ccxt
import pytest
import requests
import urllib3

from adlrisk.positions.requests.credentials import Credentials
from adlrisk.positions.requests.venue_calls import AccountError, VenueCalls

URL = "https://api.venue.example/v5/positions?apiKey=a-key-for-tests&signature=0123456789abcdef0123456789abcdef"


def message_of(error: Exception) -> str:
    """What the command says of an error of ccxt."""

    def fail() -> None:
        raise error

    with pytest.raises(AccountError) as raised:
        VenueCalls(Credentials({"apiKey": "a-key-for-tests"})).call(fail)
    return str(raised.value)


def network_error(kind: type[ccxt.NetworkError], cause: Exception) -> ccxt.NetworkError:
    """The error as ccxt raises it, from one of its HTTP client with a cause of its own."""
    error = kind(f"venue GET {URL}")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("kind", "cause", "words"),
    [
        (ccxt.NetworkError, socket.gaierror(-2, "Name or service not known"), "its name is not found in DNS"),
        (ccxt.NetworkError, ConnectionRefusedError(111, "Connection refused"), "it refuses the connection"),
        (ccxt.NetworkError, ConnectionResetError(104, "reset"), "it ended the connection"),
        (ccxt.NetworkError, ssl.SSLCertVerificationError(1, "self-signed"), "its TLS certificate is not trusted here"),
        (ccxt.NetworkError, ssl.SSLError(1, "wrong version"), "no TLS connection could be made"),
        (ccxt.RequestTimeout, requests.exceptions.ReadTimeout("timed out"), "it did not answer in time"),
        (ccxt.NetworkError, requests.exceptions.ProxyError("no"), "the proxy refuses the connection"),
        (ccxt.NetworkError, ValueError("other"), "the network fails"),
    ],
)
def test_network_error_names_host_and_cause(kind: type[ccxt.NetworkError], cause: Exception, words: str) -> None:
    """The cause is found however deep the HTTP client has put it, and the URL is not shown."""
    nested = requests.exceptions.ConnectionError(urllib3.exceptions.MaxRetryError(None, URL, cause))  # type: ignore[arg-type]
    expected = f"api.venue.example cannot be reached: {words}"
    assert message_of(network_error(kind, nested)) == expected
    assert message_of(network_error(kind, cause)) == expected


def test_error_without_a_url_says_the_venue() -> None:
    """The host is not guessed."""
    assert message_of(ccxt.NetworkError("gone")) == "the venue cannot be reached: the network fails"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (ccxt.RateLimitExceeded, "rate limit was exceeded"),
        (ccxt.ExchangeNotAvailable, "is not available"),
        (ccxt.InvalidNonce, "machine's clock"),
        (ccxt.AuthenticationError, "does not accept the keys"),
    ],
)
def test_answer_of_the_venue_is_no_network_error(kind: type[ccxt.BaseError], words: str) -> None:
    """Where the venue has answered, its own message is shown, without secrets."""
    message = message_of(kind(f"venue refuses a-key-for-tests {URL}"))
    assert words in message
    assert "cannot be reached" not in message
    assert "a-key-for-tests" not in message
    assert "0123456789abcdef" not in message
