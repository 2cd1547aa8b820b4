"""Figures of the slow reading beside those of the program: names of what differs."""

from collections.abc import Iterator
from fractions import Fraction

from adlrisk.domain.stress.simulation import Simulated
from adlrisk.domain.stress.steps import SimulatedPosition, Step
from support.stress.account import Account
from support.stress.chain import Chain, StepRead
from support.stress.scenes import Scene

_ROUNDING = 1e-9


def differences(scene: Scene, simulated: Simulated, chain: Chain) -> list[str]:
    """Where ``simulated`` tells something else than ``chain``: figure, what the program says, what the reading says."""
    tell = Telling(scene, chain)
    assert (len(simulated.steps), len(simulated.positions)) == (len(chain.steps), len(chain.accounts))
    told = []
    for place, (step, read) in enumerate(zip(simulated.steps, chain.steps, strict=True)):
        told += [f"step {place} {line}" for line in tell.of_step(step, read)]
    for position, account in zip(simulated.positions, chain.accounts, strict=True):
        told += [f"{position.id} {line}" for line in tell.of_position(position, account)]
    return told


class Telling:
    """Sizes must be the same to the lot, money to 1e-9 of all there is, prices to 1e-9."""

    def __init__(self, scene: Scene, chain: Chain) -> None:
        self._chain, self._scale = chain, chain.scale
        self._lot = Fraction(scene.lot_size)
        self._contract_size = Fraction(scene.contract_size)
        self._last = chain.steps[-1].mark_after if chain.steps else Fraction(scene.mark)
        start = Chain(scene.book, scene.terms)
        marks = [Fraction(scene.mark), *(step.mark for step in chain.steps), *(step.mark_after for step in chain.steps)]
        least, most = min(marks), max(marks)
        self._money = abs(start.fund.balance) + abs(start.fund.floor)
        for account in start.accounts:
            values = (chain.scale.value(account.units, price) for price in (least, most, account.entry))
            self._money += sum(values, abs(account.backing))

    def of_step(self, step: Step, read: StepRead) -> Iterator[str]:
        notional = sum(
            (
                self._scale.value(lots * account.lot_units, one.mark)
                for one in read.rounds
                for account, lots in one.liquidated
            ),
            Fraction(0),
        )
        paid = sum((block.cost for block in read.blocks if block.cost > 0), Fraction(0))
        received = -sum((block.cost for block in read.blocks if block.cost < 0), Fraction(0))
        touched = {account.index for adl in read.adl for account, _ in adl.closed}
        yield from self._price("mark_price", step.mark_price, self._scale.at(read.mark))
        yield from self._price("mark_after", step.mark_after, self._scale.at(read.mark_after))
        yield from _same("rounds", step.rounds, len(read.rounds))
        yield from _same(
            "liquidated.accounts", step.liquidated.accounts, sum(len(one.liquidated) for one in read.rounds)
        )
        yield from self._lots("liquidated.size", step.liquidated.size, read.liquidated_lots)
        yield from self._amount("liquidated.notional", step.liquidated.notional, notional)
        yield from self._lots("market.size", step.market.size, sum(block.lots for block in read.blocks))
        yield from self._price(
            "market.mean_price",
            step.market.mean_price,
            _mean([(self._scale.at(block.price), block.lots) for block in read.blocks]),
        )
        yield from self._amount("market.paid_by_fund", step.market.paid_by_fund, paid)
        yield from self._amount("market.received_by_fund", step.market.received_by_fund, received)
        yield from self._lots("left_over.fund", step.left_over.fund, read.left_for_fund)
        yield from self._lots("left_over.depth", step.left_over.depth, read.left_for_depth)
        yield from self._amount("fund.before", step.fund.before, read.fund_before)
        yield from self._amount("fund.after", step.fund.after, read.fund_after)
        yield from self._lots("fund.taken_over", step.fund.taken_over, sum(rest.taken_over for rest in read.rests))
        yield from self._lots("adl.size", step.adl.size, read.adl_lots)
        yield from self._price(
            "adl.mean_fill_price", step.adl.mean_fill_price, _mean([(adl.fill, adl.lots) for adl in read.adl])
        )
        yield from _same("adl.accounts", step.adl.accounts, len(touched))
        yield from self._amount("adl.haircut", step.adl.haircut, read.haircut)
        yield from self._lots("adl.uncovered", step.adl.uncovered, sum(adl.uncovered for adl in read.adl))
        yield from self._amount("unpaid", step.unpaid, sum((adl.unpaid for adl in read.adl), Fraction(0)))

    def of_position(self, told: SimulatedPosition, account: Account) -> Iterator[str]:
        yield from _same("outcome", told.outcome, _outcome(account))
        yield from _same("step", told.step, account.first_step)
        yield from self._lots("closed", told.closed, account.closed_lots)
        yield from self._lots("remaining", told.remaining, 0 if account.liquidated else account.lots)
        yield from self._amount("realized_pnl", told.realized_pnl, account.realized)
        yield from self._amount("haircut", told.haircut, account.haircut)
        yield from self._leverage(told.effective_leverage, account)

    def _leverage(self, told: float | None, account: Account) -> Iterator[str]:
        if account.liquidated:
            yield from _same("effective_leverage", told, None)
        elif account.lots == 0:
            yield from _same("effective_leverage", told, 0.0)
        else:
            equity = account.equity(self._last)
            if equity <= 0:
                yield from _same("effective_leverage", told, None)
                return
            value = self._scale.value(account.units, self._last)
            # Compared as equities: next to bankruptcy a leverage has few digits.
            if not told or abs(float(value) / told - float(equity)) > _ROUNDING * float(self._money):
                yield f"effective_leverage {told}, not {float(value / equity)}"

    def _lots(self, name: str, told: float, lots: int) -> Iterator[str]:
        size = lots * self._lot
        if abs(Fraction(told) - size) > max(Fraction(1, 10**12) * size, self._lot / 10**6):
            yield f"{name} {told}, not {float(size)}"

    def _amount(self, name: str, told: float, exact: Fraction) -> Iterator[str]:
        if abs(told - float(exact)) > _ROUNDING * float(self._money):
            yield f"{name} {told}, not {float(exact)}"

    def _price(self, name: str, told: float | None, scaled: Fraction | None) -> Iterator[str]:
        if scaled is None or not self._scale.is_reachable(scaled):
            yield from _same(name, told, None)
            return
        price = float(self._scale.price_at(scaled))
        if told is None or abs(told - price) > _ROUNDING * price:
            yield f"{name} {told}, not {price}"


def _same(name: str, told: object, read: object) -> Iterator[str]:
    if told != read:
        yield f"{name} {told}, not {read}"


def _mean(weighed: list[tuple[Fraction, int]]) -> Fraction | None:
    total = sum(weight for _, weight in weighed)
    return sum((value * weight for value, weight in weighed), Fraction(0)) / total if total else None


def _outcome(account: Account) -> str:
    if account.liquidated:
        return "liquidated"
    if account.lots == 0:
        return "closed"
    return "reduced" if account.closed_lots else "untouched"
