"""Deleveraging: closing part of one position, and allocating a bankrupt position to the other side."""
