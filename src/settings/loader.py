"""Loads settings.toml and pricing.toml, with those of `--settings` and `--pricing`, into frozen dataclasses.

A file given by the user need only hold what differs from the files shipped here: keys of a table are replaced
one by one, an array of tables (`[[plan]]`, `[[budget]]`) as a whole. `[[model]]` is merged by name: an entry takes
the place of those with one of its names, in pricing.toml and in published_rates.csv. `[[factor]]`, `[[meter]]`,
`[[same_rates]]` and `[[hours]]` are added to those shipped.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import reduce
from pathlib import Path
from typing import Any

from foundation.outcome import UsageError
from settings.checks import check_pricing, check_sections
from settings.listed_prices import names_of, with_listed_prices
from settings.model import Sections, Settings
from settings.plans import Plan
from settings.pricing import Pricing
from settings.published import model_tables, read_rows
from settings.toml_binding import Place, bind

ADDED = ("factor", "meter", "same_rates", "hours")
"""Lists of pricing.toml to which a user's file adds; where two entries say the same, the user's goes first."""
SETTINGS_PATH = Path(__file__).with_name("settings.toml")
PRICING_PATH = Path(__file__).with_name("pricing.toml")
FLOORS = {"margin_floor_warning", "margin_floor_critical"}


def load_settings(
    settings_path: Path | str | None = None, pricing_path: Path | str | None = None
) -> Settings:
    """The settings of both files, over the defaults shipped beside this module.

    Raises:
        UsageError: a file is missing or not TOML, or holds an unknown key or an impossible value.
    """
    pricing_layers, pricing_place = _layers(PRICING_PATH, pricing_path)
    pricing_table = _priced(pricing_layers, pricing_place)
    pricing = bind(Pricing, pricing_table, pricing_place)
    check_pricing(pricing, pricing_place)
    settings_layers, settings_place = _layers(SETTINGS_PATH, settings_path)
    settings_table = reduce(_merged, settings_layers)
    sections = bind(Sections, settings_table, settings_place)
    check_sections(sections, settings_place)
    own = {
        "own_plans": any("plan" in layer for layer in pricing_layers[1:]),
        "own_service_levels": any("service_levels" in layer for layer in settings_layers[1:]),
        "own_margin_floors": any(FLOORS & layer.get("alerts", {}).keys() for layer in settings_layers[1:]),
    }
    digest = _digest(settings_table, pricing_table, *({name: True} for name, given in own.items() if given))
    return Settings(
        **vars(sections),
        pricing=pricing,
        digest=digest,
        own_plans=own["own_plans"],
        own_service_levels=own["own_service_levels"],
        own_margin_floors=own["own_margin_floors"],
    )


def shipped_plans() -> tuple[Plan, ...]:
    """The plans of pricing.toml alone, for who needs no rates."""
    plans = _parsed(PRICING_PATH)["plan"]
    return tuple(bind(Plan, plan, Place(PRICING_PATH.name, "plan")) for plan in plans)


def _layers(shipped: Path, given: Path | str | None) -> tuple[list[dict[str, Any]], Place]:
    """The tables of the shipped file and of the user's, and the file that a complaint should name."""
    tables = [_parsed(path) for path in (shipped, given) if path is not None]
    return tables, Place(str(given or shipped.name))


def _priced(layers: list[dict[str, Any]], place: Place) -> dict[str, Any]:
    """One table of prices, with the models of all layers, the user's first."""
    table = reduce(_merged, layers)
    for name in ADDED:
        lists = [layer.get(name, []) for layer in reversed(layers)]
        if all(isinstance(entries, list) for entries in lists):
            table[name] = [entry for entries in lists for entry in entries]
    models = [layer.get("model", []) for layer in reversed(layers)]
    if all(isinstance(entries, list) for entries in models):
        for entry in (entry for entries in models for entry in entries):
            _split_instants(entry)
        table["model"] = _named_once(with_listed_prices([*models, model_tables(read_rows())], place))
    return table


def _split_instants(entry: Any) -> None:
    """Parts the instants of a model's prices into day and time, in UTC."""
    prices = entry.get("price") if isinstance(entry, dict) else None
    for price in prices if isinstance(prices, list) else ():
        start = price.get("from") if isinstance(price, dict) else None
        if isinstance(start, datetime) and start.tzinfo:
            start = start.astimezone(UTC)
            price |= {"from": start.date(), "from_time": f"{start:%H:%M}"}


def _named_once(layers: Iterable[list[Any]]) -> list[Any]:
    """The entries of all layers; a name belongs to the first layer that has it, and an alias may be lost to it."""
    entries: list[Any] = []
    taken: set[tuple[str, str]] = set()
    for layer in layers:
        for entry in layer:
            own, *aliases = names_of(entry)
            if own not in taken:
                lost = taken.intersection(aliases)
                entries.append(entry if not lost else _without(entry, lost))
        taken.update(name for entry in layer for name in names_of(entry))
    return entries


def _without(entry: Mapping[str, Any], lost: set[tuple[str, str]]) -> dict[str, Any]:
    aliases = [name for name in entry["aliases"] if (entry["provider"], name.lower()) not in lost]
    return {**entry, "aliases": aliases}


def _parsed(path: Path | str) -> dict[str, Any]:
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8-sig"), parse_float=Decimal)
    except FileNotFoundError:
        raise UsageError(
            f"{path} does not exist; give the path of a TOML file or leave the flag out."
        ) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); give the path of a TOML file.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}.") from None


def _merged(table: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Tables merged key by key; anything else replaced. Tables of names (shares by organization) too."""
    result = dict(table)
    for key, value in over.items():
        old = result.get(key)
        result[key] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return result


def _digest(*tables: dict[str, Any]) -> str:
    """SHA-256 over what the tables say: comments and the order of keys do not change it."""
    text = json.dumps(tables, sort_keys=True, default=str, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
