"""What a report says of how a table was read: zones of times, currencies of costs, records chosen, fields left over."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from interchange.importers.foreign_costs import GAP, Converted
from interchange.importers.mapping import DROPPED, NOT_KEPT
from interchange.importers.time_zones import SKIPPED, TWICE
from interchange.importers.unused_fields import RECORDS, Unused, UnusedField
from reporting.measures import Unit
from reporting.number_format import amount, counted

_CHOSEN = {NOT_KEPT: "{} is not what --keep names", DROPPED: "{} is what --drop names"}


def choice_text(reason: str) -> str:
    """Why a record is left out by its own field, in words; '' for other reasons."""
    kind, _, path = reason.partition(":")
    return _CHOSEN[kind].format(path) if kind in _CHOSEN else ""


def zone_lines(timezone: str, unzoned: Mapping[str, int]) -> list[str]:
    """Which zone times without one were read in, and what its clocks make doubtful."""
    if not unzoned:
        return []
    named = counted(sum(unzoned.values()), "call")
    lines = [f"  {named}: the time names no zone and is read in {timezone}{_advice(timezone)}"]
    if twice := unzoned.get(TWICE):
        lines.append(
            f"  {counted(twice, 'call')}: the clocks of {timezone} showed the time twice; it is read as the first"
        )
    if skipped := unzoned.get(SKIPPED):
        lines.append(
            f"  {counted(skipped, 'call')}: the clocks of {timezone} never showed the time; it is read as if they had "
            "not been put forward yet"
        )
    return lines


def _advice(timezone: str) -> str:
    return "; say another one with --timezone, such as --timezone Europe/Berlin" if timezone == "UTC" else ""


def unused_lines(unused: Iterable[Unused], fields_named: int | None = None) -> list[str]:
    """What mappings leave unused, and what they name that no record has; the first fields, or all."""
    return [line for each in unused for line in _unused_of(each, fields_named)]


def _unused_of(unused: Unused, fields_named: int | None) -> list[str]:
    lines = [
        f"  {unused.file}: no record has {path}, which the mapping names{_looked_at(unused)}"
        for path in unused.missing
    ]
    filled = [each for each in unused.fields if each.filled or fields_named is None]
    if not filled:
        return lines
    named = ", ".join(_field(each, unused.records) for each in filled[:fields_named])
    more = len(filled) - len(filled[:fields_named])
    return [
        *lines,
        f"  {unused.file}: {counted(len(filled), 'field')} not used{_looked_at(unused)}: {named}"
        + (f" and {more:,} more, which --report names" if more else ""),
    ]


def _looked_at(unused: Unused) -> str:
    return f" (by the first {unused.records:,} records)" if unused.records >= RECORDS else ""


def _field(each: UnusedField, records: int) -> str:
    share = amount(Decimal(each.filled) / max(records, 1), Unit.SHARE)
    return f"{each.name} ({share} filled, such as {each.example})" if each.filled else f"{each.name} (empty)"


def currency_lines(converted: Iterable[Converted]) -> list[str]:
    """What costs in other currencies come to."""
    return [_currency_line(each) for each in converted]


def _currency_line(each: Converted) -> str:
    line = f"  {counted(each.calls, 'cost')} in {each.currency}: {each.amount:f}, of which ${each.usd:f} could be made"
    if not each.unknown_calls:
        return line.replace(", of which", " are").removesuffix(" could be made")
    return (
        f"{line}; {counted(each.unknown_calls, 'call')} of unknown cost ({GAP}={each.currency}), the first of "
        f"{each.first_unknown_day}: the file of rates has none of that day or the seven before"
    )
