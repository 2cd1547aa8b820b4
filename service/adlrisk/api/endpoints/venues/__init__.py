"""``/venues``: rule cards and market records, and changes to them."""
