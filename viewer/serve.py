#!/usr/bin/env python3
"""Serves the reports at http://localhost:8000 and keeps them fresh: `python3 serve.py --help`."""

import sys

try:
    from foundation.console import run
    from viewer.program import main
except ModuleNotFoundError as missing:
    sys.stderr.write(
        f"❌ {missing.name} is not installed here: run `make setup` in the checkout and activate .venv, "
        "or `pip install -e .` in this environment.\n"
    )
    sys.exit(2)

if __name__ == "__main__":
    sys.exit(run(main))
