#!/usr/bin/env python3
"""Serves the reports at http://localhost:8000 and keeps them fresh: `python3 serve.py --help`."""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "src"))
    from foundation import environment

    environment.require()

import sys

from foundation.console import run
from viewer.program import main

PORT = 8000
"""Where the viewer listens; `--port` and VIEWER_PORT go before it."""

if __name__ == "__main__":
    sys.exit(run(lambda: main(port=PORT)))
