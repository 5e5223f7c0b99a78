"""Loads settings.toml and pricing.toml into frozen dataclasses.

A file given by the user need only hold what differs from the files shipped here: keys of a table are replaced
one by one, an array of tables (`[[model]]`, `[[plan]]`, `[[budget]]`) as a whole.
"""

import hashlib
import json
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

from outcome import Misuse
from settings.model import Sections, Settings
from settings.pricing import Pricing
from settings.toml_binding import Place, bind

SETTINGS_PATH = Path(__file__).with_name("settings.toml")
PRICING_PATH = Path(__file__).with_name("pricing.toml")


def load_settings(
    settings_path: Path | str | None = None, pricing_path: Path | str | None = None
) -> Settings:
    """The settings of both files, over the defaults shipped beside this module.

    Raises:
        Misuse: a file is missing or not TOML, or holds an unknown key or an impossible value.
    """
    pricing_table, pricing_place = _layered(PRICING_PATH, pricing_path)
    pricing = bind(Pricing, pricing_table, pricing_place)
    _check_pricing(pricing, pricing_place)
    settings_table, settings_place = _layered(SETTINGS_PATH, settings_path)
    sections = bind(Sections, settings_table, settings_place)
    _check_sections(sections, settings_place)
    return Settings(**vars(sections), pricing=pricing, digest=_digest(settings_table, pricing_table))


def _layered(default: Path, given: Path | str | None) -> tuple[dict[str, Any], Place]:
    """The default table with the user's keys over it, and the file that a complaint should name."""
    table = _parsed(default)
    if given is None:
        return table, Place(default.name)
    return _merged(table, _parsed(Path(given))), Place(str(given))


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"), parse_float=Decimal)
    except FileNotFoundError:
        raise Misuse(f"{path} does not exist; give the path of a TOML file or leave the flag out.") from None
    except OSError as error:
        raise Misuse(f"{path} cannot be read ({error.strerror}); give the path of a TOML file.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misuse(f"{path} is not valid TOML: {error}.") from None


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


def _check_pricing(pricing: Pricing, place: Place) -> None:
    """Rules that no single value shows."""
    seen: set[tuple[str, str]] = set()
    for model in pricing.model:
        where = place.at(f"model {model.provider}/{model.model}")
        for name in (model.model, *model.aliases):
            if (model.provider, name.lower()) in seen:
                raise where.refuse(f'names "{name}", which another entry has too; each name stands once')
            seen.add((model.provider, name.lower()))
        spans = {(price.valid_from, price.above_input_tokens) for price in model.price}
        if not model.price or len(spans) < len(model.price):
            raise where.refuse("needs at least one price, and at most one a day and size of call")
        if {day for day, _ in spans} != {day for day, above in spans if above == -1}:
            raise where.refuse("needs, for each date, a price without above_input_tokens")
    _check_unique([plan.id for plan in pricing.plan], place.at("plan"))
    _check_unique([entry.id for entry in pricing.provider], place.at("provider"))


def _check_sections(sections: Sections, place: Place) -> None:
    churn = sections.churn
    if churn.elasticity_low > churn.elasticity_high:
        raise place.at("churn.elasticity_low").refuse("is above elasticity_high; swap the two")
    if sections.alerts.margin_floor_critical > sections.alerts.margin_floor_warning:
        raise place.at("alerts.margin_floor_critical").refuse("is above margin_floor_warning; swap the two")
    shares = sections.chargeback.fixed_shares
    if sections.chargeback.shared_method == "fixed" and sum(shares.values()) != 1:
        raise place.at("chargeback.fixed_shares").refuse(
            f"sums to {sum(shares.values())}; shares must sum to 1"
        )
    for number, budget in enumerate(sections.budget, start=1):
        if (budget.scope == "total") != (budget.name == ""):
            raise place.at(f"budget[{number}].name").refuse(
                "names whom the budget is for; empty only for total"
            )


def _check_unique(ids: list[str], place: Place) -> None:
    for id_ in ids:
        if ids.count(id_) > 1:
            raise place.refuse(f'"{id_}" stands twice; each id stands once')
