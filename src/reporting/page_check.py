"""What must hold of a page before it replaces an earlier one: whole, safe, its links and ids sound."""

import html
import re
from collections.abc import Sequence

from reporting import assets

_BLOCKS = re.compile(r"<(script|style)\b([^>]*)>(.*?)</\1>", re.DOTALL)
_ID = re.compile(r'\sid="([^"]*)"')
_FRAGMENT = re.compile(r'\shref="#([^"]*)"')
_POLICY = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]*)"')
_QUOTED = re.compile(r'"[^"]*"')
_TAG_ATTRIBUTES = re.compile(r"<[a-zA-Z][^<>]*\s(?:style|on[a-z]+)\s*=", re.IGNORECASE)


def faults(page: str) -> tuple[str, ...]:
    """What is wrong with a page, in words; empty if it may be published."""
    blocks = list(_BLOCKS.finditer(page))
    markup = _without(page, blocks)
    found = [*_wholeness(page, markup), *_links(markup)]
    if _TAG_ATTRIBUTES.search(_QUOTED.sub('""', markup)):
        found.append("an inline style or handler")
    found += _policy(page, blocks)
    return tuple(found)


def _without(page: str, blocks: Sequence[re.Match[str]]) -> str:
    starts = (0, *(block.end() for block in blocks))
    ends = (*(block.start() for block in blocks), len(page))
    return "".join(page[start:end] for start, end in zip(starts, ends, strict=True))


def _wholeness(page: str, markup: str) -> list[str]:
    found = []
    if not page.startswith("<!DOCTYPE html>") or not page.rstrip().endswith("</html>"):
        found.append("it is not a whole file")
    if markup.count("<h1") != 1:
        found.append("it has not one main heading")
    return found


def _links(markup: str) -> list[str]:
    ids = _ID.findall(markup)
    twice = sorted({name for name in ids if ids.count(name) > 1}) if len(set(ids)) < len(ids) else []
    nowhere = sorted(set(_FRAGMENT.findall(markup)) - set(ids))
    found = [f"the id {name!r} stands twice" for name in twice]
    return found + [f"a link leads to {name!r}, which is nowhere" for name in nowhere]


def _policy(page: str, blocks: Sequence[re.Match[str]]) -> list[str]:
    """Every script and style that runs must be one that the policy names by hash."""
    named = _POLICY.search(page)
    allowed = html.unescape(named.group(1)) if named else ""
    for _, attributes, body in (block.groups() for block in blocks):
        if "application/json" not in attributes and assets.hash_source(body) not in allowed:
            return ["a script or style that its policy does not name"]
    return []
