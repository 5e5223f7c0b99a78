"""Says who a call is for, before it is made: the metadata that turns a bill into answers.

A provider's bill says how many tokens a model used. Whether a customer is profitable, which feature earns its
tokens and whose budget a call belongs to is known only to the application, in the moment of the call.
`ReveniumMetadataBuilder` collects it step by step and refuses a mistake at the step where it is made:

    metadata = (
        ReveniumMetadataBuilder()
        .customer("cust_0042")
        .organization("org_acme")
        .product("assistant")
        .feature("summaries")
        .tier("pro")
        .build()
    )

The same builder speaks the forms that a call's metadata travels in: our CSV's columns (`build`), Revenium's
metering fields (`to_revenium`), HTTP headers (`to_headers`) and OpenTelemetry attributes
(`to_otel_attributes`). Run this file to see them side by side.
"""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "src"))
    from foundation import environment

    environment.require()

import functools
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Self
from urllib.parse import quote

from settings.loader import load_settings

ENVIRONMENTS = ("production", "staging", "development", "test")
TEXT_LIMIT = 255
"""Longest value in characters: what Revenium keeps of a field."""
KEY_PATTERN = re.compile(r"[a-z][a-z0-9_]{0,63}")

REVENIUM_FIELDS = {
    "organization_id": ("organizationName",),
    "product_id": ("productName",),
    "feature_id": ("agent", "transactionName"),
    "subscription_tier": ("subscriptionTier",),
    "environment": ("environment",),
    "task_type": ("taskType",),
    "trace_id": ("traceId",),
    "session_id": ("traceName",),
    "request_id": ("parentTransactionId",),
}
"""Our column -> fields of Revenium's metering body; the customer goes to `subscriber.id`. The wire has no
field of its own for feature, session and request: they take the nearest that it has. Custom values have no
place there at all."""

OTEL_ATTRIBUTES = {
    "customer_id": "user.id",
    "subscription_tier": "customer.tier",
    "organization_id": "organization.id",
    "product_id": "product.id",
    "feature_id": "feature.id",
    "task_type": "task_type",
    "session_id": "session.id",
    "environment": "deployment.environment.name",
}
"""Our column -> attribute of a span, under the names that `import_usage.py` reads. Everything else goes under
`finops.`: a span has a trace of its own, and its response id is the provider's."""


class ReveniumMetadataBuilder:
    """Collects the metadata of a call, fluently.

    Each step returns the builder and raises ValueError on a value that no report could use, saying what is
    allowed. `tiers` are the plans that `tier` accepts; without it, those of settings/pricing.toml.
    """

    def __init__(self, tiers: Iterable[str] | None = None) -> None:
        self._tiers = tuple(tiers) if tiers is not None else None
        self._values: dict[str, str] = {}
        self._custom: dict[str, str] = {}

    def customer(self, customer_id: str) -> Self:
        """Who is served."""
        return self._set("customer_id", customer_id)

    def organization(self, organization_id: str) -> Self:
        """The organization the customer belongs to: who gets the chargeback statement."""
        return self._set("organization_id", organization_id)

    def product(self, product_id: str) -> Self:
        """The product the call is made for."""
        return self._set("product_id", product_id)

    def feature(self, feature_id: str) -> Self:
        """The feature of the product."""
        return self._set("feature_id", feature_id)

    def tier(self, subscription_tier: str) -> Self:
        """The customer's plan, one of the plans there are."""
        allowed = self._tiers if self._tiers is not None else _plans()
        if subscription_tier not in allowed:
            raise ValueError(f"tier {subscription_tier!r} is not a plan; allowed: {', '.join(allowed)}")
        return self._set("subscription_tier", subscription_tier)

    def environment(self, environment: str) -> Self:
        """Where the application runs, one of `ENVIRONMENTS`."""
        if environment not in ENVIRONMENTS:
            raise ValueError(f"environment {environment!r} is unknown; allowed: {', '.join(ENVIRONMENTS)}")
        return self._set("environment", environment)

    def task_type(self, task_type: str) -> Self:
        """The kind of work: qa, summarization, ... ."""
        return self._set("task_type", task_type)

    def session(self, session_id: str) -> Self:
        """The user session the call is part of."""
        return self._set("session_id", session_id)

    def trace(self, trace_id: str) -> Self:
        """The trace the call is part of."""
        return self._set("trace_id", trace_id)

    def request(self, request_id: str) -> Self:
        """The application's own request."""
        return self._set("request_id", request_id)

    def custom(self, key: str, value: str) -> Self:
        """Anything else, under a lower-case key that is none of the above."""
        if not KEY_PATTERN.fullmatch(key):
            raise ValueError(f"custom key {key!r}: lower-case letters, digits and _ are allowed, up to 64")
        if key in REVENIUM_FIELDS or key == "customer_id":
            raise ValueError(f"custom key {key!r} has a step of its own: use that")
        self._custom[key] = _checked(key, value)
        return self

    @classmethod
    def from_call(cls, call: Mapping[str, str], tiers: Iterable[str] | None = None) -> Self:
        """The metadata of a row of the CSV; empty columns are left out."""
        builder = cls(tiers)
        for column in ("customer_id", *REVENIUM_FIELDS):
            if call.get(column):
                builder._set(column, call[column])
        return builder

    def build(self) -> dict[str, str]:
        """The metadata under the names of the CSV's columns."""
        return {**self._values, **self._custom}

    def to_revenium(self) -> dict[str, object]:
        """The metadata as fields of Revenium's metering body."""
        body: dict[str, object] = {
            field: self._values[column]
            for column, fields in REVENIUM_FIELDS.items()
            if column in self._values
            for field in fields
        }
        if "customer_id" in self._values:
            body["subscriber"] = {"id": self._values["customer_id"]}
        return body

    def to_headers(self) -> dict[str, str]:
        """The metadata as HTTP headers, percent-encoded, for a gateway that meters on the way."""
        return {
            f"X-Finops-{name.replace('_', '-').title()}": quote(value, safe=" !#$&'()*+,/:;=?@[]~")
            for name, value in self.build().items()
        }

    def to_otel_attributes(self) -> dict[str, str]:
        """The metadata as attributes of an OpenTelemetry span."""
        return {OTEL_ATTRIBUTES.get(name, f"finops.{name}"): value for name, value in self.build().items()}

    def _set(self, name: str, value: str) -> Self:
        self._values[name] = _checked(name, value)
        return self


@functools.cache  # an application tags every call, and the price list is long
def _plans() -> tuple[str, ...]:
    return tuple(plan.id for plan in load_settings().pricing.plan)


def _checked(name: str, value: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{name} takes a text, not {type(value).__name__}")  # noqa: TRY004  one kind of refusal
    if not value.strip():
        raise ValueError(f"{name} is empty: leave the step out if there is none")
    if len(value) > TEXT_LIMIT or any(ord(sign) < 32 or ord(sign) == 127 for sign in value):
        raise ValueError(f"{name}: up to {TEXT_LIMIT} characters and no control characters are allowed")
    return value


def main() -> int:
    """Shows one call's metadata in the four forms it travels in."""
    builder = (
        ReveniumMetadataBuilder()
        .organization("org_acme")
        .product("assistant")
        .feature("summaries")
        .customer("cust_0042")
        .tier("pro")
        .environment("production")
        .task_type("summarization")
        .custom("experiment", "short_prompt")
    )
    forms: dict[str, Mapping[str, object]] = {
        "build(): the columns of our CSV, which the reports read": builder.build(),
        "to_revenium(): fields of Revenium's metering body": builder.to_revenium(),
        "to_headers(): HTTP headers for a gateway that meters on the way": builder.to_headers(),
        "to_otel_attributes(): attributes of an OpenTelemetry span": builder.to_otel_attributes(),
    }
    print("One call's metadata, said once, in the four forms that it travels in:")
    for title, form in forms.items():
        print(f"\n{title}")
        for name, value in form.items():
            print(f"  {name:<30} {value}")
    print("\nA mistake is refused where it is made:")
    try:
        builder.tier("platinum")
    except ValueError as refusal:
        print(f"  {refusal}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
