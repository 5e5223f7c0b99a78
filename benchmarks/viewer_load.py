"""How many landing pages a second the viewer serves: `python3 benchmarks/viewer_load.py` (needs wrk).

Makes small reports, serves them by `viewer/serve.py`, and lets wrk ask for the landing page over 64
connections for five seconds, five times: plain, compressed, and unchanged (304). Prints the medians, the time
within which 99 % of the answers came, and the slowest of some probes of /health meanwhile. Exits with 1 below
2,000 pages a second or on any error.
"""

import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PORT = 8765
ADDRESS = f"http://127.0.0.1:{PORT}"
GOAL = 2_000
ROUNDS = 5
SECONDS = 5
CLIENTS = 64
PATIENCE_SECONDS = 60


def make_reports(folder: Path) -> None:
    """A small file of calls and its reports."""
    python, src = sys.executable, ROOT / "src"
    calls = folder / "calls.csv"
    subprocess.run(
        [python, src / "simulator/core.py", "--customers", "20", "--days", "10", "--out", calls, "--quiet"],
        check=True,
    )
    subprocess.run(
        [python, src / "run_all_analyzers.py", "--data", calls, "--out", folder, "--quiet"], check=False
    )


def wait_for_health() -> None:
    """Until the viewer answers."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{ADDRESS}/health").close()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
        else:
            return
    sys.exit("The viewer did not come up: run viewer/serve.py by hand to see why.")


def health_ms() -> float:
    """Milliseconds of one probe."""
    began = time.perf_counter()
    urllib.request.urlopen(f"{ADDRESS}/health").close()
    return (time.perf_counter() - began) * 1000


def one_round(headers: list[str]) -> tuple[float, float, int, float]:
    """Pages a second, the 99th percentile in ms, errors, and the slowest of some probes in ms."""
    flags = [part for header in headers for part in ("-H", header)]
    command = ["wrk", "-t1", f"-c{CLIENTS}", f"-d{SECONDS}s", "--latency", *flags, f"{ADDRESS}/"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as wrk:
        time.sleep(1)
        probes = [health_ms() for _ in range(20)]
        said = wrk.communicate()[0]
    rate = float(re.findall(r"Requests/sec:\s+([\d.]+)", said)[0])
    value, unit = re.findall(r"99%\s+([\d.]+)(us|ms|s)", said)[0]
    errors = sum(int(count) for count in re.findall(r"(?:connect|read|write|timeout) (\d+)", said))
    errors += sum(int(count) for count in re.findall(r"Non-2xx or 3xx responses: (\d+)", said))
    return rate, float(value) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit], errors, max(probes)


def etag() -> str:
    """The ETag of the landing page."""
    with urllib.request.urlopen(f"{ADDRESS}/") as reply:
        return str(reply.headers["ETag"])


def measure() -> bool:
    """Prints a line for each way of asking; whether all are good enough."""
    ways = {"plain": [], "gzip": ["Accept-Encoding: gzip"], "304": [f"If-None-Match: {etag()}"]}
    good = True
    for name, headers in ways.items():
        rounds = [one_round(headers) for _ in range(ROUNDS)]
        rate = statistics.median(entry[0] for entry in rounds)
        slow = statistics.median(entry[1] for entry in rounds)
        errors = sum(entry[2] for entry in rounds)
        probe = max(entry[3] for entry in rounds)
        print(
            f"{name:<6} {rate:8,.0f} pages/s   99 % within {slow:6.1f} ms   {errors} errors   "
            f"/health within {probe:.1f} ms"
        )
        good = good and rate >= GOAL and errors == 0
    return good


def main() -> int:
    """Serves, measures, stops."""
    if shutil.which("wrk") is None:
        sys.exit("wrk is not installed: `apt-get install wrk`, then run this again.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_reports(folder)
        command = [sys.executable, str(ROOT / "viewer/serve.py"), "--quiet", "--port", str(PORT)]
        command += ["--data", str(folder / "calls.csv"), "--reports", name]
        with subprocess.Popen(command) as viewer:
            try:
                wait_for_health()
                good = measure()
            finally:
                viewer.terminate()
    print(f"Goal: {GOAL:,} pages a second over {CLIENTS} connections: {'met' if good else 'missed'}.")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
