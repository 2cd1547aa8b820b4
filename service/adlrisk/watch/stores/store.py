"""What a store of the state does: bytes in and out, for one watch at a time."""

from typing import Protocol


class StoreFailedError(Exception):
    """The store did not do what it was asked; the message says why, without a secret."""


class StoreTakenError(Exception):
    """Another watch has the state; the message is a sentence."""


class StateStore(Protocol):
    """The place of one state. Every method but ``close`` may raise ``StoreFailedError``."""

    shown: str  # where it is, for messages
    setting: str  # the option or variable that says so

    async def open(self) -> bytes | None:
        """Take the state for this watch alone, and read it; ``None``: there is none.

        Raises:
            StoreTakenError: another watch has it.
        """

    async def put(self, state: bytes) -> None:
        """Keep ``state`` in place of the last.

        Raises:
            StoreTakenError: another watch has taken it.
        """

    async def set_aside(self) -> str:
        """Move a state that cannot be read out of the way; where to."""

    async def hold(self) -> None:
        """Stay the one that has the state, where that expires; to be called every ``HOLD_SECONDS``.

        Raises:
            StoreTakenError: another watch has taken it.
        """

    async def close(self) -> None:
        """Give up the state."""
