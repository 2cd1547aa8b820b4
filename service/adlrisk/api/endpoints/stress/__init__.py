"""``/adl/simulate`` and ``/adl/exposure``: what would happen to a book, and how probable it is that ADL reaches a position."""
