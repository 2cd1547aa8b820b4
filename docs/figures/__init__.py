"""The figures of the documentation, drawn from the examples of the OpenAPI document."""

import os
from pathlib import Path

# matplotlib's font cache stays in the folder too; it reads this when it is imported.
os.environ.setdefault("MPLCONFIGDIR", str(Path(__file__).parents[2] / ".venv" / "matplotlib"))
