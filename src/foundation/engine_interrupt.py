"""Ctrl-C while an engine works: the running query is broken off, also where the main thread waits for it."""

import signal
import socket
import threading
import weakref
from contextlib import suppress
from typing import Protocol


class Engine(Protocol):
    """What works for long in a thread that hears no signal meanwhile; a connection of DuckDB is one."""

    def interrupt(self) -> None:
        """Breaks off what it works at, from any thread."""


_ENGINES: "weakref.WeakSet[Engine]" = weakref.WeakSet()
"""What Ctrl-C breaks off, as long as somebody holds it."""
_TELLING = threading.Lock()
_LISTENING = threading.Event()
_SIGNALS_AT_ONCE = 64


def broken_off(engine: Engine) -> None:
    """From now on Ctrl-C breaks off what an engine works at.

    While DuckDB waits for its threads, the one that asked hears no signal, for minutes where a query has few parts. But
    the system lets Python note the signal, and this wakes a thread that may call the engine.
    """
    with _TELLING:
        _ENGINES.add(engine)
    if not _LISTENING.is_set() and threading.current_thread() is threading.main_thread():
        _LISTENING.set()
        _listen()


def _listen() -> None:
    receiver, sender = socket.socketpair()
    sender.setblocking(False)
    signal.set_wakeup_fd(sender.fileno(), warn_on_full_buffer=False)
    threading.Thread(target=_break_off, args=(receiver, sender), daemon=True).start()


def _break_off(receiver: socket.socket, _sender: socket.socket) -> None:
    """Waits for SIGINT; `_sender` is held so that it stays open."""
    while True:
        if signal.SIGINT not in receiver.recv(_SIGNALS_AT_ONCE):
            continue
        with _TELLING:
            engines = tuple(_ENGINES)
        for engine in engines:
            with suppress(Exception):  # it may be closed by now
                engine.interrupt()
