"""Tags from the top down: organization -> product -> feature -> customer.

Who pays is the organization, what is sold the product, what is built the feature, who is served the customer.
A call that is tagged at the bottom counts at every level above it, so that one set of calls answers the
organization's controller, the product's owner and the feature's team with sums that agree:

    acme = Tags().organization("org_acme")
    assistant = acme.product("assistant")
    for_bob = assistant.feature("summaries").customer("cust_bob")
    for_bob.path                    # 'org_acme/assistant/summaries/cust_bob'
    for_bob.metadata()              # a ReveniumMetadataBuilder with all four

An application rarely passes tags by hand: an outer layer says `with tagged(organization=..., product=...)`, an
inner one adds the feature, and whatever meters asks `current_tags()`. Run this file to see it.
"""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "src"))
    from foundation import environment

    environment.require()

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote

from showcase.metadata.builders import ReveniumMetadataBuilder

LEVELS = ("organization", "product", "feature", "customer")


@dataclass(frozen=True)
class Tags:
    """The tags of a call or of a group of calls: levels and ids, from the top down. A level may be left out."""

    values: tuple[tuple[str, str], ...] = ()

    def organization(self, organization_id: str) -> Self:
        """These tags and an organization below them."""
        return self.below("organization", organization_id)

    def product(self, product_id: str) -> Self:
        """These tags and a product below them."""
        return self.below("product", product_id)

    def feature(self, feature_id: str) -> Self:
        """These tags and a feature below them."""
        return self.below("feature", feature_id)

    def customer(self, customer_id: str) -> Self:
        """These tags and a customer below them."""
        return self.below("customer", customer_id)

    def below(self, level: str, value: str) -> Self:
        """These tags and one more.

        Raises:
            ValueError: there is no such level, it does not stand below the last one, or the id is unusable.
        """
        if level not in LEVELS:
            raise ValueError(f"there is no level {level!r}; the levels are {' -> '.join(LEVELS)}")
        if self.values and LEVELS.index(level) <= LEVELS.index(self.values[-1][0]):
            raise ValueError(f"{level} does not stand below {self.values[-1][0]}: {' -> '.join(LEVELS)}")
        _step(ReveniumMetadataBuilder(), level, value)
        return type(self)((*self.values, (level, value)))

    @property
    def path(self) -> str:
        """The ids from the top down, joined by `/`; a `/` within an id is percent-encoded."""
        return "/".join(quote(value, safe=" @:+=,;!") for _, value in self.values)

    def upwards(self) -> tuple[Self, ...]:
        """These tags and those of every level above, the top first: where a call counts."""
        return tuple(type(self)(self.values[:length]) for length in range(1, len(self.values) + 1))

    def metadata(self) -> ReveniumMetadataBuilder:
        """A metadata builder that has these tags."""
        builder = ReveniumMetadataBuilder()
        for level, value in self.values:
            _step(builder, level, value)
        return builder

    @classmethod
    def of_call(cls, call: Mapping[str, str]) -> Self:
        """The tags of a row of the CSV; empty columns are left out."""
        found = ((level, call.get(f"{level}_id", "")) for level in LEVELS)
        return cls(tuple((level, value) for level, value in found if value))


_CURRENT: ContextVar[Tags] = ContextVar("tags", default=Tags())  # noqa: B039  frozen


def current_tags() -> Tags:
    """The tags that the surrounding `tagged` blocks have set; none outside of one."""
    return _CURRENT.get()


@contextmanager
def tagged(**levels: str) -> Iterator[Tags]:
    """Adds tags for all that happens inside the block, threads started with `copy_context` included.

    Levels may be given in any order, but must stand below those of the surrounding blocks.

    Raises:
        ValueError: as `Tags.below`.
    """
    tags = current_tags()
    for level in sorted(levels, key=lambda name: LEVELS.index(name) if name in LEVELS else 0):
        tags = tags.below(level, levels[level])
    token = _CURRENT.set(tags)
    try:
        yield tags
    finally:
        _CURRENT.reset(token)


def _step(builder: ReveniumMetadataBuilder, level: str, value: str) -> ReveniumMetadataBuilder:
    steps = {
        "organization": builder.organization,
        "product": builder.product,
        "feature": builder.feature,
        "customer": builder.customer,
    }
    return steps[level](value)


def main() -> int:
    """Tags four calls in nested blocks and counts them at every level."""
    counted: Counter[Tags] = Counter()

    def call_the_model() -> None:
        counted.update(current_tags().upwards())

    for organization, customers in {
        "org_acme": ("cust_ann", "cust_bob"),
        "org_globex": ("cust_eve",),
    }.items():
        with tagged(organization=organization, product="assistant"):
            for customer in customers:
                with tagged(feature="summaries", customer=customer):
                    call_the_model()
            with tagged(feature="nightly_index"):
                call_the_model()  # for nobody in particular: it counts for the feature and above
    print("Calls at every level (each counts at all levels above it, too):\n")
    for tags in sorted(counted, key=lambda tags: tags.path):
        print(
            f"  {'  ' * (len(tags.values) - 1)}{tags.values[-1][1]:<{24 - 2 * len(tags.values)}}{counted[tags]}"
        )
    last = max(counted, key=lambda tags: (len(tags.values), tags.path))
    print(f"\nThe metadata of {last.path}:\n  {last.metadata().build()}")
    print("\nWhat does not fit is refused where it is said:")
    try:
        last.product("assistant")
    except ValueError as refusal:
        print(f"  {refusal}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
