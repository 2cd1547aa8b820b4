"""Plans: what brings a position to a target, at what cost, and how large a candidate may be."""
