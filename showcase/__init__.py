"""How an application meters its AI calls, by running code."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from foundation import environment

environment.prefer()
