"""How messages reach their receivers."""
