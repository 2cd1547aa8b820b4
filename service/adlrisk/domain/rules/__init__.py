"""Venue rules: rule cards, ranking formulas, thresholds and market conditions."""
