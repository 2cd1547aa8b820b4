"""``/plan``: the cheapest way of a position to a target."""
