"""``/fills``: what the fills of an account are."""
