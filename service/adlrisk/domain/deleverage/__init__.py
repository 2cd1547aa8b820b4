"""The deleveraging itself: partial closes of one position, and allocation of a bankrupt one among a book."""
