"""The manifest: what is written is read again, and nothing else is taken for one."""

import copy
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from calls.source import Filters
from reporting.manifest import Manifest, is_fresh, load_manifest, parsed, verify
from reporting.manifest_entries import FileDigest, PageEntry, Status
from reporting.publishing import publish
from tests.reporting import example

Json = dict[str, Any]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published")
    publish(folder, example.pages(example.REPORTS[:2]), [], example.provenance())
    return folder


@pytest.fixture(scope="module")
def manifest(published: Path) -> Manifest:
    loaded = load_manifest(published)
    assert loaded
    return loaded


def as_bytes(raw: Json) -> bytes:
    return json.dumps(raw).encode()


def test_what_is_written_is_read_again(published: Path, manifest: Manifest) -> None:
    assert parsed(as_bytes(manifest.as_json())) == manifest
    assert json.loads((published / "html" / "manifest.json").read_text()) == json.loads(
        as_bytes(manifest.as_json())
    )


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value of a JSON document, the first entry of each list standing for all."""
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], (*path, key))
    if isinstance(value, list) and value:
        yield from places(value[0], (*path, 0))


def changed(raw: Json, path: tuple[Any, ...], value: Any) -> Json:
    made = copy.deepcopy(raw)
    holder = made
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return made


@pytest.mark.parametrize("value", [None, True, -1, 1.5, "x", [], {}, [[]], {"a": 1}, 10**400], ids=repr)
def test_a_value_of_another_kind_is_refused_wherever_it_stands(manifest: Manifest, value: Any) -> None:
    raw = json.loads(as_bytes(manifest.as_json()))
    for path in places(raw):
        if not path:
            continue
        before = raw
        for key in path:
            before = before[key]
        try:
            taken = parsed(as_bytes(changed(raw, path, value)))
        except ValueError:
            continue
        # What is taken has the kind that stood there, or is one of two kinds allowed there.
        assert type(value) is type(before) or value is None or before is None or value == [], path
        assert parsed(as_bytes(taken.as_json())) == taken


def test_a_missing_or_unknown_field_is_refused(manifest: Manifest) -> None:
    raw = json.loads(as_bytes(manifest.as_json()))
    for path in places(raw):
        if not path or isinstance(path[-1], int):
            continue
        made = copy.deepcopy(raw)
        holder = made
        for key in path[:-1]:
            holder = holder[key]
        del holder[path[-1]]
        if path[:1] == ("highlights",) or "headline" in path[:-1]:
            continue  # a headline's details have defaults
        if path == ("format",):
            continue
        with pytest.raises(ValueError, match=r"lacks|whole"):
            parsed(as_bytes(made))
        with pytest.raises(ValueError, match="no field"):
            parsed(as_bytes(changed(raw, (*path[:-1], "another"), 1)))


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"null", b"[]", b'"x"', b"NaN", b"\xff\xfe", b"[" * 100_000, b'{"format": 1}', b'{"a":' * 100_000],
    ids=range(10),
)  # fmt: skip
def test_what_is_no_manifest_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "manifest.json").write_bytes(content)
    assert load_manifest(tmp_path) is None


@pytest.mark.parametrize("number", [0, 1, 99])
def test_another_format_is_refused(manifest: Manifest, number: int) -> None:
    with pytest.raises(ValueError, match="format"):
        parsed(as_bytes(manifest.as_json() | {"format": number}))


@pytest.mark.parametrize(
    "name", ["../x.html", "/etc/passwd", "a/b.html", "..", ".hidden.html", "", "x\0.html", "a\\b.html", "x\n", "é.html"]
)  # fmt: skip
@pytest.mark.parametrize("field", ["filename", "id"])
def test_names_that_lead_elsewhere_are_refused(manifest: Manifest, field: str, name: str) -> None:
    raw = changed(json.loads(as_bytes(manifest.as_json())), ("pages", 0, field), name)
    with pytest.raises(ValueError, match="no file name"):
        parsed(as_bytes(raw))


@pytest.mark.parametrize("text", ["soon", "2026-13-01T00:00:00+00:00", "0001-01-01T00:00:00+14:00"])
@pytest.mark.parametrize("path", [("generated_at",), ("pages", 0, "generated_at"), ("pages", 0, "failed_at")])
def test_times_that_are_none_are_refused(manifest: Manifest, path: tuple[Any, ...], text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the words are Python's
        parsed(as_bytes(changed(json.loads(as_bytes(manifest.as_json())), path, text)))


@pytest.mark.parametrize("kind", ["link", "fifo", "folder"])
def test_a_manifest_that_is_no_regular_file_is_none(tmp_path: Path, published: Path, kind: str) -> None:
    (tmp_path / "html").mkdir()
    place = tmp_path / "html" / "manifest.json"
    if kind == "link":
        place.symlink_to(published / "html" / "manifest.json")
    elif kind == "fifo":
        os.mkfifo(place)
    else:
        place.mkdir()
    assert load_manifest(tmp_path) is None


def test_a_digest_tells_a_file_from_all_others(tmp_path: Path) -> None:
    path = tmp_path / "page"
    digest = FileDigest.of(b"content")
    for content, same in ((b"content", True), (b"contenT", False), (b"content.", False), (b"conten", False), (b"", False)):  # fmt: skip
        path.write_bytes(content)
        assert digest.matches(path) is same
        assert (digest.content(path) == b"content") is same
    path.write_bytes(b"content")
    (tmp_path / "link").symlink_to(path)
    os.mkfifo(tmp_path / "fifo")
    assert not digest.matches(tmp_path / "link")
    assert not digest.matches(tmp_path / "fifo")
    assert not digest.matches(tmp_path / "missing")
    assert not FileDigest(digest.sha256, -5).matches(path)


def test_verify_names_what_differs(tmp_path: Path) -> None:
    made = publish(tmp_path, example.pages(example.REPORTS[:2]), [], example.provenance())
    assert verify(made, tmp_path) == ()
    (tmp_path / "html" / "index.html").write_text("other")
    (tmp_path / "json" / "data_quality.json").unlink()
    assert set(verify(made, tmp_path)) == {"html/index.html", "json/data_quality.json"}


def fresh(manifest: Manifest, **changes: Any) -> bool:
    given = {
        "fingerprint": manifest.source.fingerprint,
        "settings_digest": manifest.settings_digest,
        "tool_version": manifest.tool_version,
    }
    return is_fresh(manifest, **(given | changes))


def test_a_set_is_fresh_as_long_as_nothing_it_was_made_from_differs(manifest: Manifest) -> None:
    assert fresh(manifest)
    assert fresh(manifest, filters=Filters())
    for name in ("fingerprint", "settings_digest", "tool_version"):
        assert not fresh(manifest, **{name: "other"})
    for filters in (
        Filters(since="7d"),
        Filters(until="2026-01-01"),
        Filters(where=(("model", "x"),)),
        Filters(timezone="Asia/Tokyo"),
        Filters(allow_credits=True),
    ):
        assert not fresh(manifest, filters=filters)


def with_page(manifest: Manifest, **changes: Any) -> Manifest:
    entry: PageEntry = replace(manifest.pages[0], **changes)
    return replace(manifest, pages=(entry, *manifest.pages[1:]))


def test_a_page_left_behind_makes_a_set_stale_and_one_that_failed_on_the_same_data_does_not(
    manifest: Manifest,
) -> None:
    assert not fresh(with_page(manifest, attempted="earlier"))
    assert fresh(with_page(manifest, fingerprint="earlier", status=Status.STALE))
