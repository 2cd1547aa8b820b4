"""Plans: requests to draw, and what holds of every answer."""
