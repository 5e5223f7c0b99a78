"""Ctrl-C: how a script ends by it, with one word, and by the signal itself.

A shell goes on with its loop after a program that says 130 by itself, and ends it after one that SIGINT has ended: so
one Ctrl-C ends the loop too. To the shell, `$?` is 130 either way. Written for older versions of Python 3, see
`environment`.
"""

import atexit
import os
import signal
import sys
from types import TracebackType


def end_by_signal() -> None:
    """From now on a KeyboardInterrupt that nobody catches ends this process so; other errors are told as before.

    One that was held back comes now.
    """
    sys.excepthook = _told
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def hold_back() -> None:
    """SIGINT waits until `end_by_signal`, also in the program that replaces this one: Python cannot start with it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _told(kind: "type[BaseException]", error: BaseException, trace: "TracebackType | None") -> None:
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second one while this one is obeyed
    try:
        sys.stdout.flush()
        sys.stderr.write("Stopped.\n")
        sys.stderr.flush()
    except OSError:  # who listened has gone
        pass
    atexit._run_exitfuncs()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGINT)
