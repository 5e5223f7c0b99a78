"""Labels of calls: tags such as `feature:search`, and metadata, under the names in common use.

Every tool lets its users attach such labels, and no tool names them; these are the names in common use.
"""

from collections.abc import Callable, Sequence

from foundation.sql_text import literal
from interchange.importers.field_sql import NULL, entries_of
from interchange.importers.fields import Record

NAMES: dict[str, tuple[str, ...]] = {
    "customer_id": ("customer_id", "customer", "end_user_id", "tenant_id", "tenant", "account_id"),
    "subscription_tier": ("subscription_tier", "tier", "plan"),
    "organization_id": ("organization_id", "organization", "org_id", "org", "organization_name"),
    "product_id": ("product_id", "product", "product_name", "app", "application"),
    "feature_id": ("feature_id", "feature", "feature_name"),
    "task_type": ("task_type", "task", "use_case"),
    "environment": ("environment", "env", "deployment_environment"),
    "session_id": ("session_id", "conversation_id", "thread_id"),
    "user_agent": ("user_agent",),
    "run_id": ("run_id", "run"),
    "agent_name": ("agent_name", "agent"),
    "agent_version": ("agent_version",),
    "workflow": ("workflow", "workflow_name"),
}
"""Letter case and the marks between words do not matter: customerId and Customer-Id are customer_id."""

OF_RUNS = ("run_id", "agent_name", "agent_version", "workflow")
"""What applications label a run with."""

LABEL = literal(r"^([^:=]+)[:=]")


class Labels:
    """SQL for the columns of calls that labels fill."""

    def __init__(self, value_of: Callable[..., str]) -> None:
        """`value_of` gives the SQL for the first of some names, written as `_squashed` has them."""
        self._value_of = value_of

    def __call__(self, column: str) -> str:
        """One column, under any of its names."""
        return self._value_of(*(_squashed(name) for name in NAMES[column]))

    def columns(self, *columns: str) -> dict[str, str]:
        """Some columns, for a field mapping that takes them as they are."""
        return {column: self(column) for column in columns}


def tagged(record: Record, lists: Sequence[str], objects: Sequence[str] = ()) -> Labels:
    """The labels of a record: in JSON objects of metadata, else in lists of tags."""
    found = [_in_object(sql) for sql in objects if sql != NULL]
    found += [_in_tags(sql) for sql in lists if sql != NULL]
    if not found:
        return Labels(lambda *_: NULL)
    return Labels(record.pairs(f"flatten([{', '.join(found)}])").first)


def in_tags(record: Record, tags: str, name: str) -> str:
    """SQL for the value of the first tag `name:value` or `name=value` in a list."""
    return record.pairs(_in_tags(tags)).first(_squashed(name))


def _in_object(source: str) -> str:
    """SQL for the names and the values of a JSON object."""
    named = "struct_pack(name := case when e.value <> '' then squashed(e.name) end, value := e.value)"
    return f"coalesce(list_transform({entries_of(source)}, lambda e: {named}), [])"


def _in_tags(source: str) -> str:
    """SQL for the names and the values of a list of tags, in JSON or in the notation of databases."""
    json = f"try(json_transform({source}, '[\"VARCHAR\"]'))"
    tags = f"coalesce({json}, try_cast({source} as varchar[]), try_cast('[' || {source}[2:-2] || ']' as varchar[]))"
    parts = f"list_transform({tags}, lambda t: struct_pack(tag := t, label := regexp_extract(t, {LABEL}, 1)))"
    named = "struct_pack(name := nullif(squashed(p.label), ''), value := p.tag[length(p.label) + 2:])"
    return f"coalesce(list_transform({parts}, lambda p: {named}), [])"


def _squashed(name: str) -> str:
    """As the macro `squashed` does it."""
    return name.lower().replace("_", "").replace("-", "").replace(" ", "")
