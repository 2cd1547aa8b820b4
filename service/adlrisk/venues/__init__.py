"""Venues: the catalogue of rule cards, operators' overrides, market records, and the stores that keep them."""
