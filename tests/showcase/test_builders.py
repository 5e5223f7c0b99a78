"""The metadata builder: what it builds, and what it refuses."""

import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest

from showcase.metadata.builders import ENVIRONMENTS, TEXT_LIMIT, ReveniumMetadataBuilder

ROOT = Path(__file__).resolve().parents[2]


def full() -> ReveniumMetadataBuilder:
    return (
        ReveniumMetadataBuilder()
        .customer("cust_1")
        .organization("org_1")
        .product("assistant")
        .feature("chat")
        .tier("pro")
        .environment("production")
        .task_type("qa")
        .session("s1")
        .trace("t1")
        .request("r1")
        .custom("experiment", "Grün 50 %")
    )


def test_build_holds_what_was_said_and_nothing_else():
    built = (
        ReveniumMetadataBuilder().customer("cust_test").feature("my_feature").environment("staging").build()
    )
    assert built == {"customer_id": "cust_test", "feature_id": "my_feature", "environment": "staging"}


def test_build_gives_a_copy():
    builder = ReveniumMetadataBuilder().customer("a")
    builder.build()["customer_id"] = "b"
    assert builder.build() == {"customer_id": "a"}


@pytest.mark.parametrize("bad", ["", "   ", "x" * (TEXT_LIMIT + 1), "a\nb", "a\x7f"])
def test_a_text_no_report_could_use_is_refused(bad):
    with pytest.raises(ValueError, match="customer_id"):
        ReveniumMetadataBuilder().customer(bad)


def test_the_longest_text_is_taken():
    assert ReveniumMetadataBuilder().customer("x" * TEXT_LIMIT).build()["customer_id"] == "x" * TEXT_LIMIT


def test_a_number_is_refused():
    with pytest.raises(ValueError, match="takes a text"):
        ReveniumMetadataBuilder().customer(7)  # type: ignore[arg-type]


def test_a_bad_tier_says_which_plans_there_are():
    with pytest.raises(ValueError, match=r"platinum.*starter, pro, enterprise"):
        ReveniumMetadataBuilder().tier("platinum")


def test_own_tiers_replace_the_plans_of_the_settings():
    assert ReveniumMetadataBuilder(tiers=["gold"]).tier("gold").build() == {"subscription_tier": "gold"}
    with pytest.raises(ValueError, match="allowed: gold"):
        ReveniumMetadataBuilder(tiers=["gold"]).tier("pro")


def test_a_bad_environment_says_what_is_allowed():
    with pytest.raises(ValueError, match=", ".join(ENVIRONMENTS)):
        ReveniumMetadataBuilder().environment("prod")


@pytest.mark.parametrize("key", ["", "Upper", "a-b", "1st", "x" * 65])
def test_a_bad_custom_key_is_refused(key):
    with pytest.raises(ValueError, match="custom key"):
        ReveniumMetadataBuilder().custom(key, "v")


def test_a_custom_key_cannot_stand_in_for_a_step():
    with pytest.raises(ValueError, match="step of its own"):
        ReveniumMetadataBuilder().custom("customer_id", "v")


def test_from_call_takes_the_filled_columns_of_a_row():
    row = {"customer_id": "c", "subscription_tier": "own_plan", "feature_id": "", "model": "m"}
    assert ReveniumMetadataBuilder.from_call(row).build() == {
        "customer_id": "c",
        "subscription_tier": "own_plan",
    }


def test_revenium_fields_are_those_of_its_metering_body():
    assert full().to_revenium() == {
        "subscriber": {"id": "cust_1"},
        "organizationName": "org_1",
        "productName": "assistant",
        "agent": "chat",
        "transactionName": "chat",
        "subscriptionTier": "pro",
        "environment": "production",
        "taskType": "qa",
        "traceName": "s1",
        "traceId": "t1",
        "parentTransactionId": "r1",
    }


def test_headers_are_ascii_and_come_back():
    headers = full().to_headers()
    assert headers["X-Finops-Customer-Id"] == "cust_1"
    assert all(value.isascii() for value in headers.values())
    assert unquote(headers["X-Finops-Experiment"]) == "Grün 50 %"


def test_otel_attributes_use_the_conventions_names():
    attributes = full().to_otel_attributes()
    assert attributes["user.id"] == "cust_1"
    assert attributes["session.id"] == "s1"
    assert attributes["deployment.environment.name"] == "production"
    assert attributes["organization.id"] == "org_1"
    assert attributes["finops.request_id"] == "r1"
    assert len(attributes) == len(full().build())


def test_the_file_runs_from_its_own_folder():
    shown = subprocess.run(
        [sys.executable, "builders.py"],
        cwd=ROOT / "showcase/metadata",
        capture_output=True,
        text=True,
        check=True,
    )
    assert "organizationName" in shown.stdout
    assert "platinum" in shown.stdout
    assert shown.stderr == ""
