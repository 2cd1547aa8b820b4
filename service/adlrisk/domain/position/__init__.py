"""Positions and markets: one position's state, the bounds of every number, and the domain's errors."""
