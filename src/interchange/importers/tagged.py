"""Who and what a call was for, where applications write it: tags such as `feature:search`, and metadata.

Every tool lets its users attach such labels, and no tool names them; these are the names in common use.
"""

from collections.abc import Callable, Sequence

from interchange.importers.fields import Fields
from interchange.importers.sql_text import first_of, literal

NAMES: dict[str, tuple[str, ...]] = {
    "customer_id": (
        "customer_id",
        "customer",
        "customerId",
        "end_user_id",
        "tenant_id",
        "tenant",
        "account_id",
    ),
    "subscription_tier": ("subscription_tier", "subscriptionTier", "tier", "plan"),
    "organization_id": (
        "organization_id",
        "organizationId",
        "organization",
        "org_id",
        "org",
        "organization_name",
    ),
    "product_id": ("product_id", "productId", "product", "product_name", "app", "application"),
    "feature_id": ("feature_id", "featureId", "feature", "feature_name"),
    "task_type": ("task_type", "taskType", "task", "use_case"),
    "environment": ("environment", "env", "deployment_environment"),
    "session_id": ("session_id", "sessionId", "conversation_id", "thread_id"),
    "user_agent": ("User-Agent", "user_agent"),
}


def tagged(lists: Sequence[str], objects: Sequence[Fields] = ()) -> Callable[[str], str]:
    """A function from a column of ours to the SQL that finds it in lists of tags or in objects of metadata."""

    def find(column: str) -> str:
        in_objects = [fields.text(name) for fields in objects for name in NAMES[column]]
        return first_of(*in_objects, *(in_tags(tags, NAMES[column]) for tags in lists))

    return find


def in_tags(tags: str, names: Sequence[str]) -> str:
    """SQL for the value of the first tag `name:value` or `name=value` in a JSON list of texts."""
    wanted = "|".join(name.replace("-", "[-]") for name in names)
    pattern = literal(f'"(?:{wanted})[:=]\\s*([^"\\\\]*)"')
    return f"regexp_extract({tags}, {pattern}, 1, 'i')"
