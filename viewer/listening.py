"""Opens the socket to listen on, and says where that is."""

import errno
import resource
import socket

from foundation.outcome import UsageError

_DESCRIPTORS = 4_096
_FIRST_BACKLOG = 128
"""For who comes while the reports are being read."""


def listen_on(host: str, port: int) -> socket.socket:
    """A bound socket. It takes connections only once it is served.

    Raises:
        UsageError: the port is taken or not allowed, or the address is not one of this machine.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise UsageError(
            f"--host {host} is no address: give one of this machine, such as 127.0.0.1."
        ) from error
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(_FIRST_BACKLOG)
    except OSError as error:
        listener.close()
        raise UsageError(_explanation(error, host, port)) from error
    return listener


def raise_descriptor_limit() -> None:
    """Lets the process have as many open connections as the system grants, up to a few thousand."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(_DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def shown_host(host: str) -> str:
    """A host as it stands in an address."""
    if host in {"127.0.0.1", "::1"}:
        return "localhost"
    if host in {"0.0.0.0", "::", ""}:  # noqa: S104  compared, not bound
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host


def _explanation(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} is in use: stop the program that listens there, or choose another port, "
            f"such as --port {port + 1 if port < 65_535 else 8000}."
        )
    if error.errno == errno.EACCES:
        return f"Port {port} is for the system only: choose one from 1024 on, such as --port 8000."
    return f"--host {host} is not an address of this machine ({error.strerror}): give one, such as 127.0.0.1."
