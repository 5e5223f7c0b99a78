"""Where the demonstrations play: to whom the SDK talks, and what a reader gets to see.

With no key in the environment a metering server of our own is started on loopback, and what it stores is shown;
nothing leaves this machine. With both REVENIUM_METERING_API_KEY and REVENIUM_METERING_BASE_URL set, the same
code talks to the service that they name. One of them alone sends nothing anywhere.
"""

import importlib.util
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from calls.engine import open_calls
from foundation.console import Parser
from foundation.outcome import ExitCode, UsageError, UserError
from foundation.places import shown
from settings.loader import load_settings
from showcase.metering.service import beside_us
from showcase.printed import heading, introduce, say, table

KEY, URL = "REVENIUM_METERING_API_KEY", "REVENIUM_METERING_BASE_URL"
KEY_PREFIXES = ("hak_", "rev_")
LOOPBACK_KEY = "hak_any_key_will_do_on_loopback"
INSTALL = "pip install -e '.[revenium]'"
COLUMNS = (
    "customer_id", "organization_id", "feature_id", "model", "status", "latency_ms", "input_tokens", "output_tokens",
    "cost_usd",
)  # fmt: skip
SHOWN_ROWS = 10

Body = Mapping[str, object]


@dataclass(frozen=True)
class Stage:
    """What a demonstration needs: address and key of the metering service, and where its calls land.

    `path` is the CSV that the loopback server writes, None when the service is somebody else's; `kept` says
    that it outlasts the demonstration.
    """

    url: str
    key: str
    path: Path | None
    kept: bool = False

    @property
    def api_url(self) -> str:
        """The address that the SDK's client class takes; `initialize_metering` adds `meter/` itself."""
        return f"{self.url.rstrip('/').removesuffix('/meter')}/meter/"

    def show_stored(self) -> None:
        """The calls that have been stored, as the reports will read them."""
        if self.path is None:
            print(f"\nThe calls are at {self.url}: look for them there.")
        else:
            show_calls(self.path, kept=self.kept)

    def show_next(self) -> None:
        """How to go on with one's own calls."""
        if self.path is not None:
            heading("What next")
            say(
                "To keep calls, start `python3 showcase/metering_server.py --data data/metered_calls.csv` in the "
                f"project folder, set {URL}=http://127.0.0.1:8100 and {KEY}=hak_anything, meter, and run "
                "`python3 src/run_all_analyzers.py --data metered_calls.csv`."
            )


def show_calls(path: Path, *, kept: bool) -> None:
    """The first calls of a CSV, and what all of them cost; `kept` says that the file stays."""
    with open_calls(path) as calls:
        rows = calls.sql(
            f'select {", ".join(COLUMNS)} from calls order by "timestamp", call_id limit {SHOWN_ROWS}'
        )
        (total,) = calls.sql("select count(*) as calls, sum(cost_usd) as cost_usd from calls")
    heading("Stored as rows of the CSV that the reports read")
    print(table(COLUMNS, [(*row[:-1], _exact(row.cost_usd)) for row in rows]))
    more = f", {total.calls - len(rows):,} more than shown" if total.calls > len(rows) else ""
    where = f"in {shown(path)}" if kept else "gone when this ends; `--data FILE` keeps them"
    plural = "call" if total.calls == 1 else "calls"
    print(f"\n{total.calls:,} {plural}{more}, {_exact(total.cost_usd)} USD ({where})")


def show(body: Body) -> None:
    """A metering body as it goes over the wire."""
    print(json.dumps(body, indent=2, ensure_ascii=False))


def introduced(document: str | None, argv: Sequence[str] | None) -> Path | None:
    """Reads the command line and prints what a demonstration is about; the CSV to keep calls in, if any."""
    title, _, explanation = (document or "").partition("\n\n")
    parser = Parser(description=title)
    parser.add_argument(
        "--data", metavar="FILE", help="keep the metered calls in this CSV (default: for the moment only)"
    )
    options = parser.parse_args(argv)
    introduce(title, explanation)
    return Path(options.data) if options.data else None


def demonstrate(
    document: str | None,
    play: Callable[[Stage], None],
    preview: Callable[[], Sequence[Body]],
    argv: Sequence[str] | None,
    needs: Sequence[str] = ("revenium_middleware",),
) -> int:
    """Plays a demonstration; where a package that it needs is missing, shows what would be sent."""
    target = introduced(document, argv)
    missing = [name for name in needs if not installed(name)]
    if missing:
        _show_instead(preview(), missing)
        return ExitCode.OK
    with stage(target) as ready:
        _play(play, ready)
        ready.show_next()
    return ExitCode.OK


def _play(play: Callable[[Stage], None], ready: Stage) -> None:
    """Plays; what the metering service answers instead of taking a call is one sentence."""
    from revenium_middleware._metering import APIError

    try:
        play(ready)
    except APIError as error:
        raise UserError(
            f"{ready.url} did not take the call ({error}): check {URL} and {KEY}, or leave both out "
            "to stay on loopback."
        ) from error


@contextmanager
def stage(path: Path | None = None) -> Iterator[Stage]:
    """The service that the environment names, else a server of our own on loopback.

    Inside, the environment says the same, since the SDK reads it when it is imported.

    Raises:
        UsageError: the key is none that the SDK takes.
    """
    key, url = os.environ.get(KEY, ""), os.environ.get(URL, "")
    if key and not key.startswith(KEY_PREFIXES):
        raise UsageError(f"{KEY} must begin with {' or '.join(KEY_PREFIXES)}: the SDK takes no other key.")
    if key and url:
        print()
        say(f"{KEY} and {URL} are set: what follows goes to {url}.")
        yield Stage(url, key, None)
        return
    if key or url:
        print()
        say(f"{KEY if key else URL} alone is set: set {URL if key else KEY} too to send there. Until then:")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="showcase-")))
        target = path or folder / "metered_calls.csv"
        url = stack.enter_context(beside_us(target, load_settings().pricing))
        stack.enter_context(_environment({KEY: LOOPBACK_KEY, URL: url, "NO_PROXY": "*", "no_proxy": "*"}))
        print()
        say(f"Nothing leaves this machine: a metering server of our own listens at {url}.")
        yield Stage(url, LOOPBACK_KEY, target, kept=path is not None)


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    os.environ.setdefault("REVENIUM_LOG_LEVEL", "WARNING")
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def installed(name: str) -> bool:
    """Whether a package can be imported."""
    try:
        return importlib.util.find_spec(name) is not None
    except ImportError:
        return False


def _show_instead(bodies: Sequence[Body], missing: Sequence[str]) -> None:
    heading("This is what would be sent")
    for body in bodies:
        show(body)
    show_install(missing)


def show_install(missing: Sequence[str]) -> None:
    """Which packages are missing, and the command that helps."""
    heading(f"Not installed here: {', '.join(missing)}")
    print(f"To send it, run this in the project folder:\n\n  {INSTALL}")


def _exact(cost: object) -> str:
    return "unknown" if cost is None else f"{cost:f}"
