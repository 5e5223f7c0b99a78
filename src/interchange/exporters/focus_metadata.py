"""What a FOCUS file is, beside it: version, columns and their types, how recent it is, and who has checked it."""

import json
from pathlib import Path

from calls.engine import Calls
from calls.file.locking import fitting
from foundation.release import NAME, VERSION
from interchange.exporters.focus_columns import Type
from interchange.exporters.focus_versions import columns_of
from reporting.provenance import generated_now

CHECKED = {
    "1.2": "The official validator (focus-validator 2.2.1) runs on files of this version in the tests of the toolkit.",
    "1.3": "Checked by the toolkit's own rules for what changed since 1.2; no official rules of 1.3 were run.",
    "1.4": "Checked by the toolkit's own rules for what changed since 1.2; no official tool has passed 1.4.",
}
"""By version, who has checked the form of a file."""
_TYPES = {Type.STRING: "STRING", Type.DECIMAL: "DECIMAL", Type.INSTANT: "DATETIME", Type.COUNT: "INTEGER"}


def metadata_path(target: Path) -> Path:
    """Where the metadata of a file lie."""
    return target.with_name(fitting(target.name, ".metadata.json"))


def metadata_of(calls: Calls, target: Path, version: str, period: str) -> str:
    """The metadata as JSON text.

    Args:
        calls: what the file is made of.
        target: the file.
        version: the version of FOCUS that it follows.
        period: what a charge covers, an hour or a day.
    """
    columns = [{"ColumnName": column.name, "DataType": _TYPES[column.type]} for column in columns_of(version)]
    made = generated_now().isoformat().replace("+00:00", "Z")
    return json.dumps(
        {
            "DataGenerator": {"DataGenerator": f"{NAME} {VERSION}"},
            "Schema": {
                "SchemaId": f"{NAME} {VERSION} FOCUS {version}",
                "FocusVersion": version,
                "CreationDate": made,
                "ColumnDefinition": columns,
            },
            "Recency": {
                "DatasetFile": target.name,
                "RecencyLastUpdated": made,
                "LastCall": f"{calls.source.period.last.isoformat()}Z",
            },
            "ChargePeriod": period,
            "Checked": CHECKED[version],
        },
        indent=2,
    )
