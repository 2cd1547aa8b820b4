"""All that is kept over restarts, as bytes of JSON."""

from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from adlrisk.watch.messages.budget import Budget, resume_budget
from adlrisk.watch.messages.outbox import Outbox, resume_outbox
from adlrisk.watch.state.account_state import AccountState

VERSION: Final = 1


class StateError(ValueError):
    """What is kept cannot be used. The message is a sentence for whoever runs the program."""


class KeptState(Struct, frozen=True, kw_only=True):
    """The accounts, what was not delivered yet by receiver, and the budget."""

    version: int = VERSION
    accounts: tuple[AccountState, ...] = ()
    outboxes: dict[str, Outbox] = {}
    budget: Budget = Budget()

    def find_account(self, venue: str, account: str) -> AccountState:
        """What is kept of the account; of one that is new, that nothing is known."""
        found = (each for each in self.accounts if (each.venue, each.account) == (venue, account))
        return next(found, AccountState(venue=venue, account=account))


class _Version(Struct):
    version: int


def encode_state(state: KeptState) -> bytes:
    """The state as JSON."""
    return msgspec.json.encode(state)


def decode_state(content: bytes, *, now: float, wall: float) -> KeptState:
    """The state in ``content``, for a process whose monotonic clock is at ``now`` and the wall clock at ``wall``.

    Raises:
        StateError: it is none, or that of a later version.
    """
    try:
        version = _decode_version(content).version
        if version > VERSION:
            raise StateError(
                f"The kept state is of version {version}, and this program knows {VERSION} at most: "
                "run the version that wrote it, or remove the state."
            )
        state = _decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StateError(f"What is kept is no state of adlrisk watch, so remove it: {error}.") from error
    outboxes = {name: resume_outbox(outbox, now=now, wall=wall) for name, outbox in state.outboxes.items()}
    return replace(state, outboxes=outboxes, budget=resume_budget(state.budget))


_decode_version: Final = msgspec.json.Decoder(_Version).decode
_decode: Final = msgspec.json.Decoder(KeptState).decode
