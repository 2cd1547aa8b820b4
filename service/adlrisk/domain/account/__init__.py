"""A margin account: cross legs that share equity and maintenance margin, and what its prices and moves are."""
