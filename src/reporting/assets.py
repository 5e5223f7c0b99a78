"""The styles and scripts that are written into every page, and the policy that allows just these."""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from markupsafe import Markup

STATIC = Path(__file__).resolve().parent / "static"

_STYLES = (
    "tokens.css", "base.css", "frame.css", "controls.css", "shared.css", "panels.css", "cards.css", "tables.css",
    "figures.css", "advice.css", "quality.css", "landing.css", "print.css",
)  # fmt: skip
_FIRST_SCRIPT = "theme.js"
_CHART_SCRIPTS = ("vendor/chart.js-4.6.1.umd.min.js", "vendor/chartjs-chart-matrix-3.1.0.min.js")
_SCRIPTS = (
    "format.js", "state.js", "scope.js", "slices.js", "cells.js", "tables.js", "downloads.js", "palette.js", "axes.js",
    "marks.js", "lines_and_bars.js", "heat_map.js", "scatter.js", "labels.js", "figures.js", "filters.js",
    "filter_controls.js", "links.js", "keyboard.js", "keep_place.js",
    "picking.js", "choices.js", "stacking.js", "sections.js", "live.js", "start.js",
)  # fmt: skip


@cache
def style() -> Markup:
    """All styles, as one text."""
    return Markup("\n".join(_unindented(_text(name)) for name in _STYLES))  # noqa: S704  our own files


@cache
def first_script() -> Markup:
    """What must run before the first paint: the theme."""
    return Markup(_strict((_FIRST_SCRIPT,)))  # noqa: S704


@cache
def chart_script() -> Markup:
    """Chart.js and its heat map."""
    return Markup("\n".join(_text(name) for name in _CHART_SCRIPTS))  # noqa: S704


@cache
def page_script() -> Markup:
    """What makes a page interactive: our own files share one strict scope."""
    return Markup(_strict(_SCRIPTS))  # noqa: S704


def print_style(footer: str) -> Markup:
    """The footer of every printed page; letters beyond ASCII and all signs escaped."""
    text = "".join(sign if sign.isascii() and sign.isalnum() else f"\\{ord(sign):06x}" for sign in footer)
    return Markup(f'@page{{@bottom-left{{content:"{text}";color:#565d78;font:8pt sans-serif}}}}')  # noqa: S704


def page_policy(footer_style: str) -> str:
    """The policy of a page with this footer."""
    return policy((first_script(), chart_script(), page_script()), (style(), footer_style))


def _strict(names: tuple[str, ...]) -> str:
    body = "\n".join(_bare(_text(name)) for name in names)
    return f'(() => {{\n"use strict";\n{body}\n}})();'


def _unindented(sheet: str) -> str:
    """Styles without comments and indents."""
    lines = (line.strip() for line in re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL).splitlines())
    return "\n".join(line for line in lines if line)


def _bare(script: str) -> str:
    """A script without indents and whole-line comments: every page carries it."""
    lines = (line.strip() for line in script.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def _text(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8").strip()


def policy(scripts: tuple[str, ...], styles: tuple[str, ...]) -> str:
    """A Content-Security-Policy that allows these texts and nothing else, from nowhere else."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {' '.join(hash_source(text) for text in scripts)}",
            f"style-src {' '.join(hash_source(text) for text in styles)}",
            "img-src data:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def hash_source(text: str) -> str:
    """The text's hash as a policy names it."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
