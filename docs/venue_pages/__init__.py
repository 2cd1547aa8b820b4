"""The generator of the pages on venues and queue formulas, from the rule cards; ``docs/write.py`` writes them.

Start with ``pages.py``. The changes since the last release are told against ``released.json``.
"""
