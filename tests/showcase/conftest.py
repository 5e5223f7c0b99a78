"""CSVs that tests of the showcase share."""

from pathlib import Path

import pytest

from tests.running import run_script
from tests.sharing import made_once

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
SOURCES = (
    "openrouter/anticharon_openrouter_activity_2026-08-24_excerpt.csv",
    "litellm/spend_logs_payload.json",
)


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """CSVs that imports of other tools' files made: hardly any metadata, unknown costs; read only."""

    def import_all(folder: Path) -> None:
        for number, source in enumerate(SOURCES):
            run_script("import_usage.py", SAMPLES / source, "--out", folder / f"{number}.csv", "--quiet")

    folder = made_once(tmp_path_factory, "imported", import_all)
    return [folder / f"{number}.csv" for number in range(len(SOURCES))]
