"""Python imports this at its start: it refuses connections that leave the machine, and imports that a test blocks."""

import importlib.abc
import os
import sys

LOCAL = ("127.0.0.1", "localhost", "::1", "", None)
BLOCKED = tuple(filter(None, os.environ.get("GUARD_BLOCKED", "").split(",")))
OFFLINE = os.environ.get("GUARD_OFFLINE") == "all"


def refuse(event: str, arguments: tuple) -> None:
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
        if OFFLINE:
            os.write(2, f"GUARD: connected to {arguments[1]}\n".encode())
            os._exit(99)
    else:
        return
    host = host.decode() if isinstance(host, bytes) else host
    if host not in LOCAL:
        os.write(2, f"GUARD: {event} {arguments}\n".encode())
        os._exit(99)


class Blocker(importlib.abc.MetaPathFinder):
    def find_spec(self, fullname, path=None, target=None):
        if fullname.split(".")[0] in BLOCKED or fullname in BLOCKED:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


sys.addaudithook(refuse)
sys.meta_path.insert(0, Blocker())
