"""All that is kept over restarts, as bytes of JSON."""

from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from adlrisk.watch.messages.budget import Budget, resume_budget
from adlrisk.watch.messages.outbox import Outbox, resume_outbox
from adlrisk.watch.state.account_state import AccountState

VERSION: Final = 1


class StateError(ValueError):
    """What is kept cannot be used. The message is a sentence for whoever runs the program."""


class NewerStateError(StateError):
    """A later version wrote it, which knows what it means: to begin anew would lose messages that wait."""


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


def forget_starts(state: KeptState) -> KeptState:
    """The state as if no start had been told, as for a receiver that is new and has heard of none."""
    return replace(state, accounts=tuple([replace(each, start_told=None) for each in state.accounts]))


def encode_state(state: KeptState) -> bytes:
    """The state as JSON. Halves of characters, which venues' names may have and JSON has not, are question marks."""
    try:
        return msgspec.json.encode(state)
    except UnicodeEncodeError:
        return msgspec.json.encode(_clean(msgspec.to_builtins(state)))


def decode_state(content: bytes, *, now: float, wall: float) -> KeptState:
    """The state in ``content``, for a process whose monotonic clock is at ``now`` and the wall clock at ``wall``.

    Raises:
        NewerStateError: it is that of a later version.
        StateError: it is none.
    """
    try:
        version = _decode_version(content).version
        if version > VERSION:
            raise NewerStateError(
                f"The kept state is of version {version}, and this program knows {VERSION} at most: "
                "run the version that wrote it, or remove the state."
            )
        if version < 1:
            raise StateError(f"What is kept is no state of adlrisk watch: its version is {version}.")
        state = _decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StateError(f"What is kept is no state of adlrisk watch: {error}.") from error
    outboxes = {name: resume_outbox(outbox, now=now, wall=wall) for name, outbox in state.outboxes.items()}
    return replace(state, outboxes=outboxes, budget=resume_budget(state.budget))


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, dict):
        return {_clean(key): _clean(each) for key, each in value.items()}
    return [_clean(each) for each in value] if isinstance(value, list | tuple) else value


_decode_version: Final = msgspec.json.Decoder(_Version).decode
_decode: Final = msgspec.json.Decoder(KeptState).decode
