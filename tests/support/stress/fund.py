"""The insurance fund in the slow reading."""

from fractions import Fraction

from adlrisk.domain.stress.terms import Terms


class InsuranceFund:
    """``taken_lots`` are those that it took over at bankruptcy prices and still holds."""

    def __init__(self, terms: Terms) -> None:
        fund = terms.fund
        self.balance = Fraction(fund.balance)
        self.floor = Fraction(fund.floor)
        drawdown = terms.rules.trigger.drawdown if fund.drawdown is None else fund.drawdown
        if fund.peak is not None and drawdown is not None:
            self.floor = max(self.floor, Fraction(fund.peak) * (1 - Fraction(drawdown)))
        self._takes_over = Fraction(fund.takes_over)
        self.taken_lots = 0

    @property
    def available(self) -> Fraction:
        return max(Fraction(0), self.balance - self.floor)

    def room(self, lot_value: Fraction) -> Fraction:
        """Lots that it can still take over, at a value each."""
        return max(Fraction(0), self._takes_over * self.available / lot_value - self.taken_lots)
