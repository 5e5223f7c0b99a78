"""The attributes of a span or of a log record of OpenTelemetry, then those of its resource."""

from collections.abc import Sequence

from interchange.importers.field_sql import listed
from interchange.importers.fields import FieldSet, JsonFields, looked_up

OWN = (
    "gen_ai.", "llm.", "ai.", "openai.", "anthropic.", "openinference.", "traceloop.", "litellm.", "operation.",
    "mlflow.", "embedding.",
)  # fmt: skip
"""What a span says of itself; other attributes may be said once for all spans of a resource."""


class SpanFields(FieldSet):
    """Attributes of a span, then of its resource, where they are looked up once for all spans of it."""

    def __init__(self) -> None:
        super().__init__("s")
        self._lookups: list[str] = []

    def text(self, *keys: str) -> str:
        """The attribute whose name is the keys joined by dots."""
        return self.first(".".join(keys))

    def first(self, *names: str) -> str:
        """The first of these attributes that has a value."""
        own = looked_up("span_names", "span_values", names)
        others = [name for name in names if not name.startswith(OWN)]
        return f"coalesce({own}, {self._of_resource(others)})" if others else own

    def has_any(self, *names: str) -> str:
        """Whether the span has one of these attributes, which a resource never has for it."""
        return f"coalesce(list_has_any(span_names, [{listed(names)}]), false)"

    def within(self, *keys: str) -> JsonFields:
        """The object that an attribute of the span holds as JSON text."""
        return self.derived(self.text(*keys))

    def shared(self) -> str:
        """SQL for a struct of what was asked of the resource."""
        return f"struct_pack({', '.join(f's{place} := {sql}' for place, sql in enumerate(self._lookups))})"

    def _of_resource(self, names: Sequence[str]) -> str:
        sql = looked_up("resource_names", "resource_values", names)
        if sql not in self._lookups:
            self._lookups.append(sql)
        return f"shared.s{self._lookups.index(sql)}"
