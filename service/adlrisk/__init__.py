"""How likely an exchange is to auto-deleverage a perpetual-futures position, and what to do about it."""
