"""Keeper of the state: in memory for everybody here, and in its store before anything is told of it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from msgspec.structs import replace

from adlrisk.watch.delivery.receivers import Receiver
from adlrisk.watch.messages.outbox import Outbox
from adlrisk.watch.running.reporter import Reporter
from adlrisk.watch.state.account_state import AccountState
from adlrisk.watch.state.kept_state import (
    KeptState,
    NewerStateError,
    StateError,
    decode_state,
    encode_state,
    forget_starts,
)
from adlrisk.watch.stores.store import StateStore, StoreFailedError, StoreTakenError

HOLD_SECONDS: Final = 10.0  # a third of what a lock in Redis lasts


class Keeper:
    """The one state of the watch. Whoever changes it saves it before he acts on it."""

    def __init__(
        self,
        store: StateStore,
        *,
        accounts: Sequence[tuple[str, str]],
        receivers: Sequence[Receiver],
        reporter: Reporter,
        wall: Callable[[], float],
    ) -> None:
        """``accounts`` are venues and names; of others, and of other receivers, nothing is kept."""
        self.state = KeptState()
        self.taken = asyncio.Event()  # another watch has the state: this one has to end
        self._store = store
        self._accounts = set(accounts)
        self._receivers = {one.id for one in receivers}
        self._reporter = reporter
        self._wall = wall
        self._changes = 0
        self._saved_changes = 0
        self._saving = asyncio.Lock()

    async def open(self) -> None:
        """Take the state for this watch, and read it.

        Raises:
            StoreTakenError: another watch has it.
            StoreFailedError: it cannot be read or moved.
            NewerStateError: a later version of the program wrote it.
        """
        content = await self._store.open()
        if content is None:
            return
        now = asyncio.get_running_loop().time()
        try:
            state = decode_state(content, now=now, wall=self._wall())
        except NewerStateError:  # it may hold messages that are not delivered yet
            raise
        except StateError as error:
            self._reporter.state_set_aside(str(error), where=await self._store.set_aside())
            return
        gone = [outbox for id_, outbox in state.outboxes.items() if id_ not in self._receivers]
        self._reporter.receivers_gone(sum(len(outbox.waiting) for outbox in gone))
        if self._receivers - state.outboxes.keys():
            state = forget_starts(state)  # a receiver that is new hears how it stands
        self.state = replace(
            state,
            accounts=tuple(one for one in state.accounts if (one.venue, one.account) in self._accounts),
            outboxes={id_: outbox for id_, outbox in state.outboxes.items() if id_ in self._receivers},
        )

    def change(self, state: KeptState) -> None:
        """Replace the state in memory."""
        self.state = state
        self._changes += 1

    def change_account(self, account: AccountState) -> None:
        """Replace the state of one account."""
        accounts = {(one.venue, one.account): one for one in self.state.accounts}  # which keeps their order
        accounts[(account.venue, account.account)] = account
        self.change(replace(self.state, accounts=tuple(accounts.values())))

    def change_outbox(self, receiver: str, outbox: Outbox) -> None:
        """Replace what waits for a receiver."""
        self.change(replace(self.state, outboxes={**self.state.outboxes, receiver: outbox}))

    async def save(self) -> None:
        """Keep the present state, unless it is kept already. Failures are reported, and the watch goes on."""
        async with self._saving:
            changes = self._changes
            if changes == self._saved_changes or self.taken.is_set():
                return
            if await self._tried(lambda: self._store.put(encode_state(self.state))):
                self._saved_changes = changes
                self._reporter.state_kept()

    async def hold(self) -> None:
        """Keep the store's lock until cancelled, also while nothing is saved."""
        while True:
            await asyncio.sleep(HOLD_SECONDS)
            await self._tried(self._store.hold)

    async def close(self) -> None:
        """Save what is not, and give up the store."""
        await self.save()
        await self._store.close()

    async def _tried(self, call: Callable[[], Awaitable[None]]) -> bool:
        try:
            await call()
        except StoreTakenError as error:
            self._reporter.state_failed(str(error))
            self.taken.set()
        except StoreFailedError as error:
            self._reporter.state_failed(str(error))
        else:
            return True
        return False
