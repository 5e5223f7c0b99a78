"""Which files and flags a refresh is about: what flags name, else what the reports on disk were made from."""

from dataclasses import dataclass, replace
from pathlib import Path

from calls.parquet.files import fingerprint_of
from foundation.places import DEFAULT_CSV, ROOT
from reporting.manifest import Manifest
from settings.currency_choice import CurrencyChoice
from settings.loader import PRICING_PATH, SETTINGS_PATH

Stamp = tuple[int, int, int, int] | None
"""What changes whenever the content of a file does; None where there is none."""


@dataclass(frozen=True)
class Inputs:
    """Calls, the folder of the reports, and settings, prices and currency where they are not the shipped ones."""

    data: Path
    reports: Path
    settings: Path | None = None
    pricing: Path | None = None
    currency: CurrencyChoice | None = None

    @property
    def watched(self) -> tuple[Path, ...]:
        """The files besides the calls that the reports depend on."""
        rates = self.currency.rates_file if self.currency else None
        named = (SETTINGS_PATH, PRICING_PATH, self.settings, self.pricing, rates)
        return tuple(path for path in named if path is not None)


@dataclass(frozen=True)
class Named:
    """What flags name; None where they leave it to the reports."""

    reports: Path
    data: Path | None = None
    settings: Path | None = None
    pricing: Path | None = None
    currency: CurrencyChoice | None = None
    in_dollars: bool = False
    """Whether the user asks for US dollars, whatever the reports are in."""

    def inputs(self, manifest: Manifest | None) -> Inputs:
        """The files, given what is known of the reports on disk: they are kept fresh from what they were made from."""
        made = Inputs(DEFAULT_CSV, self.reports) if manifest is None else _made_from(manifest, self.reports)
        return replace(
            made,
            data=self.data or made.data,
            settings=self.settings or made.settings,
            pricing=self.pricing or made.pricing,
            currency=None if self.in_dollars else self.currency or made.currency,
        )


def _made_from(manifest: Manifest, reports: Path) -> Inputs:
    data = _there(manifest.source.path)
    if not data.exists() and data.parts[-2:] == DEFAULT_CSV.parts[-2:]:
        data = DEFAULT_CSV  # the reports were made in another place: a checkout that moved, a container
    return Inputs(
        data,
        reports,
        _there(manifest.settings_file) if manifest.settings_file else None,
        _there(manifest.pricing_file) if manifest.pricing_file else None,
        _currency_of(manifest),
    )


def _currency_of(manifest: Manifest) -> CurrencyChoice | None:
    made = manifest.currency
    return CurrencyChoice(made.code, _there(made.rates_file)) if made else None


def _there(path: str) -> Path:
    """A path of a manifest; scripts are started from src/, should it not be whole."""
    return ROOT / "src" / path


def stamp(path: Path) -> Stamp:
    """By what a file, or a folder of Parquet files, is known to be unchanged.

    A copy with an older time of its content still has its own time of change.
    """
    if path.is_dir():
        return _listing(path)
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _listing(folder: Path) -> Stamp:
    """The same for a folder of Parquet files; None where it has none."""
    found = fingerprint_of(str(folder))
    return (int(found.removeprefix("sha256:"), 16), 0, 0, 0) if found else None
