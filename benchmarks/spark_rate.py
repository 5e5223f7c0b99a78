"""How long all eight reports take over Parquet by day, on the embedded engine and on Spark in one process.

python benchmarks/spark_rate.py --calls 10000000 --cores 2
"""

import argparse
import sys
import tempfile
from pathlib import Path

import measured


def main() -> int:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--calls", type=int, nargs="+", default=[1_000_000], help="about how many calls to generate"
    )
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--memory", default="4g", help="of Spark's process")
    options = parser.parse_args()
    for calls in options.calls:
        with tempfile.TemporaryDirectory() as folder:
            path, days, out = (Path(folder) / name for name in ("calls.csv", "days", "out"))
            measured.simulate(path, calls)
            by_day = ["--format", "parquet", "--partition-by", "day", "--quiet"]
            measured.run([sys.executable, "export_data.py", "--data", path, "--out", days, *by_day])
            on_spark = ("--engine", "spark", "--master", f"local[{options.cores}]")
            memory = ("--spark-conf", f"spark.driver.memory={options.memory}")
            taken: dict[str, list[measured.Process]] = {"DuckDB": [], "Spark": []}
            for _ in range(options.rounds):
                taken["DuckDB"].append(measured.run(measured.reports(days, out)))
                taken["Spark"].append(measured.run(measured.reports(days, out, *on_spark, *memory)))
            size = sum(file.stat().st_size for file in days.rglob("*.parquet"))
            print(
                f"about {calls:,} calls: {path.stat().st_size / 1e6:,.0f} MB of CSV, {size / 1e6:,.0f} MB of Parquet"
            )
        for name, runs in taken.items():
            print(measured.row(name, runs, taken["DuckDB"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
