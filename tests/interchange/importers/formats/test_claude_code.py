"""Sessions of Claude Code: whose work a call was."""

from pathlib import Path

from tests.interchange.importers.importing import imported


def test_the_folder_of_a_project_is_its_product_and_the_branch_its_feature(tmp_path: Path) -> None:
    line = {
        "type": "assistant", "uuid": "u1", "sessionId": "s1", "requestId": "r1", "version": "2.0.1",
        "timestamp": "2026-03-01T10:00:00.000Z", "cwd": "C:\\work\\web shop\\", "gitBranch": "fix/42",
        "message": {"id": "m1", "model": "claude-sonnet-4-6", "usage": {"input_tokens": 10, "output_tokens": 5}},
    }  # fmt: skip
    other = line | {"requestId": "r2", "cwd": "/home/dev/shop.git", "message": line["message"] | {"id": "m2"}}
    _, rows = imported(tmp_path, [line, other])
    assert [(row["product_id"], row["feature_id"]) for row in rows] == [
        ("web shop", "fix/42"),
        ("shop", "fix/42"),
    ]
