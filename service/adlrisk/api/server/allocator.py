"""The allocator of glibc, told to give the memory of large books back to the system; others do so by themselves.

By default it keeps what is freed for the next large block, and after each one it keeps larger ones: after four large
answers that nobody read, the service kept 1.4 GiB.
"""

import ctypes
from typing import Final

_MMAP_THRESHOLD: Final = -3  # M_MMAP_THRESHOLD of malloc.h
_LARGE_BYTES: Final = 128 << 10  # glibc's own value to begin with, which does not change any more once it is set


def return_large_blocks() -> None:
    """Give large blocks back as soon as they are freed, in this process from now on."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)
