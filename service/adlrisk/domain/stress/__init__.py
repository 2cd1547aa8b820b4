"""The trigger chain of one contract, at given or at likely mark prices: liquidation, order book, fund, ADL."""
