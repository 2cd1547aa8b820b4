"""The allocator of glibc, told to give the memory of large books back to the system; others do so by themselves.

By default glibc keeps what it has freed for the next large block, and raises the size from which it does not: after
four large answers that nobody read, the service kept 1.4 GiB.
"""

import ctypes
from typing import Any, Final

_MMAP_THRESHOLD: Final = -3  # M_MMAP_THRESHOLD of malloc.h
_LARGE_BYTES: Final = 128 << 10  # glibc's own default, which it does not change any more once it is set


def return_large_blocks() -> None:
    """Give large blocks back as soon as they are freed, in this process from now on."""
    mallopt = _function("mallopt")
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)


def return_free_memory() -> None:
    """Give back now what else is free in this process."""
    malloc_trim = _function("malloc_trim")
    if malloc_trim is not None:
        malloc_trim(0)


def _function(name: str) -> Any:
    """A function of the C library; ``None`` where it has no such function."""
    return getattr(ctypes.CDLL(None), name, None)
