"""What a display does with accounts and messages."""

from collections.abc import Sequence
from typing import Protocol

from adlrisk.watch.messages.message import Message
from adlrisk.watch.state.account_state import AccountState


class Display(Protocol):
    """Shows a watch to whoever looks at its output; never waits for him."""

    def start(self) -> None:
        """Begin."""

    def stop(self) -> None:
        """End, and leave the terminal as it was."""

    def show_account(self, account: AccountState) -> None:
        """Show how an account stands now."""

    def show_messages(self, messages: Sequence[Message]) -> None:
        """Show messages, those that were held back too."""
