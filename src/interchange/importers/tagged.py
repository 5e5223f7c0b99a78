"""Who and what a call was for, where applications write it: tags such as `feature:search`, and metadata.

Every tool lets its users attach such labels, and no tool names them; these are the names in common use.
"""

from collections.abc import Callable, Sequence

from interchange.importers.fields import Fields
from interchange.importers.sql_text import NULL, first_of, literal

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

PAIR = r'"[^":=\\]+[:=][^"\\]*"'
PARTS, MEMBER = r'"([^":=]+)[:=]\s*([^"]*)"', r'"\1":"\2"'


def tagged(fields: Fields, lists: Sequence[str], objects: Sequence[Fields] = ()) -> Callable[[str], str]:
    """A function from a column of ours to the SQL that finds it in lists of tags or in objects of metadata."""
    places = [*objects, *(fields.derived(as_object(tags)) for tags in lists if tags != NULL)]

    def find(column: str) -> str:
        return first_of(*(place.text(name) for place in places for name in NAMES[column]))

    return find


def as_object(tags: str) -> str:
    """SQL that makes one JSON object of a JSON list of tags `name:value` or `name=value`; other tags stay out."""
    pairs = f"regexp_extract_all({tags}, {literal(PAIR)})"
    joined = f"array_to_string({pairs}, ',')"
    return f"'{{' || regexp_replace({joined}, {literal(PARTS)}, {literal(MEMBER)}, 'g') || '}}'"


def in_tags(tags: str, names: Sequence[str]) -> str:
    """SQL for the value of the first tag `name:value` or `name=value` in a JSON list of texts."""
    wanted = "|".join(name.replace("-", "[-]") for name in names)
    pattern = literal(f'"(?:{wanted})[:=]\\s*([^"\\\\]*)"')
    return f"regexp_extract({tags}, {pattern}, 1, 'i')"
