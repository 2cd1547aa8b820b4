"""Venue rules: the schema of rule cards, queue formulas, thresholds and market conditions."""
