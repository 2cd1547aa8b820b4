"""The scale on which PnL of a contract is linear: the price, or for inverse contracts its negative reciprocal."""

from fractions import Fraction

from adlrisk.domain.position.position import Contract


class PriceScale:
    """With y the price (linear) or −1/price (inverse), the PnL of q units is s·q·(y₁ − y₀) for both contracts."""

    def __init__(self, contract: Contract) -> None:
        self._inverse = contract == "inverse"

    def at(self, price: Fraction) -> Fraction:
        return -1 / price if self._inverse else price

    def is_reachable(self, scaled: Fraction) -> bool:
        """Whether there is such a price above 0."""
        return scaled < 0 if self._inverse else scaled > 0

    def price_at(self, scaled: Fraction) -> Fraction:
        return -1 / scaled if self._inverse else scaled

    def double_at(self, scaled: Fraction) -> float:
        """The price as a number for the program under test; infinite prices are merely very high."""
        return 1e300 if self._inverse and scaled == 0 else float(self.price_at(scaled))

    def value(self, units: Fraction, price: Fraction) -> Fraction:
        return units / price if self._inverse else units * price
