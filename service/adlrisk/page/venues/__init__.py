"""``/page/venues`` and ``/page/venues/{venue}``: the rule cards in force, for people."""
