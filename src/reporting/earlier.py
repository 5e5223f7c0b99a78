"""The set of pages on the disk before a run, as far as its files are those that its manifest lists."""

from pathlib import Path

from reporting.manifest import HTML, JSON, Manifest, load_manifest
from reporting.manifest_entries import FileDigest, PageEntry
from reporting.pages_beside import beside


class Earlier:
    """What the run before left under a reports folder; empty where its manifest cannot be used."""

    def __init__(self, reports: Path) -> None:
        self._reports = reports
        self.manifest: Manifest | None = load_manifest(reports)

    @property
    def pages(self) -> tuple[PageEntry, ...]:
        """The pages it lists."""
        return self.manifest.pages if self.manifest else ()

    def page(self, identity: str) -> PageEntry | None:
        """A page by its report's id, None if it is not listed."""
        return self.manifest.page(identity) if self.manifest else None

    def files(self) -> frozenset[str]:
        """The files it lists, by path under the reports folder."""
        return frozenset(self.manifest.files()) if self.manifest else frozenset()

    def beside(self) -> tuple[str, ...]:
        """The pages that lie beside it."""
        return beside(self._reports)

    def html(self, entry: PageEntry) -> str | None:
        """The page on the disk; None if it is not the one that is listed."""
        content = entry.file.content(self._reports / HTML / entry.filename)
        return None if content is None else content.decode()

    def json_report(self, entry: PageEntry) -> FileDigest | None:
        """The JSON report on the disk; None if there is none, or it is not the one that is listed."""
        path = self._reports / JSON / entry.json_report_name
        return entry.json_report if entry.json_report and entry.json_report.matches(path) else None
