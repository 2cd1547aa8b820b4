"""``/adl/simulate`` and ``/adl/exposure``: what would happen to a book, and how probable an ADL is."""
