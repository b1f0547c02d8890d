"""The stage of these tests stands on the one of attribution: CRMs in memory, a real state file, kills anywhere."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "attribution"))
