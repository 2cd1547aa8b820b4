"""Positions and markets: input Structs, derived values, numeric bounds and number formats."""
