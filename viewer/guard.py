"""Runs a command that must not outlive the viewer: `guard.py COMMAND...`, started by viewer/child.py.

The viewer holds the other end of this program's standard input, and sends nothing. However the viewer ends, even by
SIGKILL, the system closes that end; then everything in this process group is ended, the command and what it has
started. Otherwise the exit code, or the signal that ended it, is the command's. It imports little, to start fast.
"""

import os
import signal
import subprocess
import sys
import threading
import time

GRACE_SECONDS = 2.0
"""For the command to end by itself when told to."""
CANNOT_START = 127
viewer_gone = threading.Event()


def main(command: list[str]) -> int:
    """Runs the command to its end, or to the viewer's."""
    signal.signal(signal.SIGTERM, _wait_for_the_command)  # handlers are not inherited: the command ends by it
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    except OSError as error:
        sys.stderr.write(f"{command[0]} cannot be started: {error.strerror}\n")
        return CANNOT_START
    watch = threading.Thread(target=_end_with_the_viewer, daemon=True)
    watch.start()
    code = process.wait()
    if viewer_gone.is_set():
        watch.join()  # what the command has started may need its last moment
    if code < 0:
        _end_like(-code)
    return code


def _wait_for_the_command(number: int, frame: object) -> None:
    """Nothing: the signal went to the whole group, and the command's end is this program's."""


def _end_with_the_viewer() -> None:
    while os.read(0, 1024):
        pass
    viewer_gone.set()
    os.killpg(0, signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os.killpg(0, signal.SIGKILL)


def _end_like(number: int) -> None:
    """Ends by the signal that ended the command."""
    if number not in {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
