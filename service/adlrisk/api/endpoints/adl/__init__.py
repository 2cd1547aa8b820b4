"""``/adl``: partial closes of one position, and allocation of a bankrupt one."""
