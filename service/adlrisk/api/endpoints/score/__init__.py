"""``/score`` and ``/scores``: the ADL score of one position, or of a batch."""
