"""Listening for health checks and metrics, before anything else is begun: where it fails, the option is named."""

import errno
import os
import socket
from typing import Final

_ABOUT_THE_PORT: Final = (errno.EADDRINUSE, errno.EACCES, errno.EPERM)


class ListenError(OSError):
    """Nobody can listen there; the message is a line that names the option."""


def listen(host: str, port: int) -> list[socket.socket]:
    """Sockets that listen on ``port`` of each address of ``host``; of all addresses, if that is empty.

    Raises:
        ListenError: the address is not this machine's, or the port is taken.
    """
    listening: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, address in dict.fromkeys((one[0], one[4]) for one in found):
            listening.append(socket.create_server(address, family=family))
    except (OSError, UnicodeError) as error:
        for one in listening:
            one.close()
        raise ListenError(_explain(error, host=host, port=port)) from error
    return listening


def _explain(error: OSError | UnicodeError, *, host: str, port: int) -> str:
    if isinstance(error, UnicodeError):
        return f"--host: {host[:60]!r} is no name of a host"
    if isinstance(error, socket.gaierror):
        return f"--host: {host[:60]!r} has no address: {error.strerror}"
    reason = os.strerror(error.errno) if error.errno else str(error)
    if error.errno in _ABOUT_THE_PORT:
        return (
            f"--port: nothing can listen on port {port} of {host} ({reason}); name another, or 0 for any that is free"
        )
    return f"--host: nothing can listen on {host} ({reason})"
