"""Advice on a scored position: which actions apply, their amounts and their sentences."""
