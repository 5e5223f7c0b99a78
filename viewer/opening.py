"""What the viewer says on the console when it starts."""

import sys

from foundation.console import Console
from foundation.places import DEFAULT_CSV, command, shown
from viewer.inputs import Inputs
from viewer.listening import shown_host
from viewer.live_site import State, View
from viewer.options import Options

IMPORT = "src/import_usage.py"


def tell_start(console: Console) -> None:
    """The head, said before the data are looked at."""
    console.banner("🌐 REVENIUM FINOPS SHOWCASE - REPORT VIEWER")
    console.say()
    console.say("📊 Checking data freshness...")


def tell_state(console: Console, inputs: Inputs, view: View, simulate: str) -> None:
    """What the look at the data gave; `simulate` is the command that makes some."""
    if view.state is State.FRESH:
        console.success("Reports are up to date")
    elif view.state is State.REFRESHING:
        made = "Data have changed" if view.generation else "There are no reports yet"
        console.say(f"🔄 {made}: the analyzers run now, and the pages follow by themselves")
    elif inputs.data.exists():
        console.paragraph(f"⚠️  {view.problem}")
    elif view.generation:
        console.paragraph(
            f"⚠️  {shown(inputs.data)} is not there any more: its last reports are served as they are"
        )
    elif inputs.data == DEFAULT_CSV:
        console.say("There are no calls yet; the pages appear by themselves after")
        console.say(f"   {simulate}")
    else:
        console.paragraph(
            f"⚠️  There is no file {shown(inputs.data)}: check its name. If it is yet to come, the pages appear by "
            f"themselves after `{command(IMPORT, {'--out': inputs.data})} FILE` or any other program has written it"
        )


def tell_address(console: Console, options: Options, port: int) -> None:
    """Where to look, and who else can; a password that was made up is said even when quiet."""
    if options.public and options.password is None:
        console.warning(
            "Everybody who can reach this machine can read the reports: no password is asked for (--no-auth)."
        )
    elif options.public:
        console.warning(
            f"Other machines can reach this viewer; it asks them for a password ({options.host})."
        )
    console.say()
    console.say(f"🚀 Starting server on port {port}...")
    console.say()
    token = f"/?token={options.password or ''}" if options.token_made else ""
    say_always = _print if options.token_made else console.say
    say_always(f"📊 Open your browser to: http://{shown_host(options.host)}:{port}{token}")
    console.say()
    console.say("Press Ctrl+C to stop the server")
    console.rule()


def tell_files(console: Console, inputs: Inputs) -> None:
    """What is served, and what keeps it fresh."""
    console.paragraph(f"Reports: {shown(inputs.reports)}/, kept fresh from {shown(inputs.data)}", hanging=3)


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
