"""The viewer as `serve.py` starts it, with analyzers that are quick and fail on demand.

    serve_fake.py SCHEDULE LIMITS JOURNAL ARGUMENTS...

SCHEDULE and LIMITS are JSON objects of what differs from the defaults.
"""

import json
import sys
from pathlib import Path

from foundation.console import run
from viewer.limits import Limits
from viewer.program import main
from viewer.refresh import Schedule

FAKE = Path(__file__).with_name("fake_analyzers.py")

if __name__ == "__main__":
    schedule, limits, journal, *arguments = sys.argv[1:]
    sys.exit(
        run(
            lambda: main(
                arguments,
                command=lambda options, _: [
                    sys.executable,
                    str(FAKE),
                    str(options.data),
                    str(options.reports),
                    journal,
                ],
                schedule=Schedule(**json.loads(schedule)),
                limits=Limits(**json.loads(limits)),
            )
        )
    )
