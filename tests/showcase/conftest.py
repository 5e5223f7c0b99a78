"""CSVs that tests of the showcase share."""

from pathlib import Path

import pytest

from tests.running import run_script

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
SOURCES = (
    "openrouter/anticharon_openrouter_activity_2026-08-24_excerpt.csv",
    "litellm/spend_logs_payload.json",
)


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """CSVs that imports of other tools' files made: hardly any metadata, unknown costs; read only."""
    folder = tmp_path_factory.mktemp("imported")
    paths = [folder / f"{number}.csv" for number in range(len(SOURCES))]
    for source, path in zip(SOURCES, paths, strict=True):
        run_script("import_usage.py", SAMPLES / source, "--out", path, "--quiet")
    return paths
