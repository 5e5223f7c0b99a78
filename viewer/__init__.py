"""The viewer: serves the pages and keeps them fresh."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from foundation import environment

environment.prefer()
