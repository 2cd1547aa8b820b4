"""A contract's market record, derived from the history of observations."""
