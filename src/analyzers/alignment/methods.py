"""How the figures of organizational alignment are computed, as the page says it."""

from reporting.document import Method

METHODS = (
    Method(
        "hierarchy",
        "Cost by organization, product, feature and environment",
        "the sum of the known costs of the calls with these four names",
        (
            "A name that is missing stands as (unallocated); no call is left out, so the lines add up to the total.",
        ),
        ("Calls of unknown cost are counted, and totals with such calls say at least.",),
    ),
    Method(
        "showback",
        "Showback and months",
        "cost a month = cost of the period × 30 / days of the period",
        (
            "Columns named by a month hold that calendar month in the reporting time zone.",
            "Showback reports and charges nothing: no shared cost, no markup.",
        ),
        source="FinOps Framework, Invoicing and Chargeback",
    ),
    Method(
        "chargeback",
        "Chargeback statements",
        "total = direct usage + part of the shared cost + markup × (direct usage + shared) + adjustments",
        (
            "Shared cost of the period = shared cost a month × days / 30, in whole cents.",
            "Even: among organizations with calls. Proportional: to direct cost. Fixed: as settings.toml has it.",
            "Cents tie out: each column is rounded down and the cents left go to the largest remainders, "
            "so that a statement may differ by a cent from the cost shown elsewhere.",
            "Adjustments of settings.toml count once a period; credits are negative.",
            "The number is made of the period and the place of the organization by name.",
        ),
        ("Calls that name no organization are charged to nobody and stand below the table.",),
        "Largest remainder (Hamilton): Balinski and Young, Fair Representation (1982)",
    ),
    Method(
        "coverage",
        "Allocation coverage",
        "coverage = known cost of calls that name a value / all known cost",
        ("Graded run from 90%, walk from 80%, crawl below.",),
        ("Calls of unknown cost; the share of calls stands beside it.",),
        "FinOps Framework, Allocation",
    ),
    Method(
        "efficiency",
        "Efficiency across organizations",
        "price index = cost / cost of the same tokens at the mean price of each task over all calls",
        (
            "An organization whose tasks are dear by nature is not called wasteful (indirect standardisation).",
            "The part of the models: its tokens on each model at that model's mean price over all calls. What is left "
            "is the share of output, caching and prices.",
            "Compared are organizations with enough calls of known cost (settings.toml, [sample] comparison_calls).",
        ),
        ("Calls of unknown cost. The quality of answers is not in the data.",),
        "Indirect standardisation: Breslow and Day (1987), chapter 2",
    ),
    Method(
        "environments",
        "Non-production",
        "at the best ratio = production cost × lowest non-production cost a production dollar",
        (
            "The best organization is the one with the lowest ratio above zero among those with enough calls.",
            "Production cost is taken as given. A lower figure is kept as it is.",
            "Advised on is who spends over twice the median of the others outside production, for a dollar in it.",
        ),
        ("Calls that name no environment stand apart.",),
    ),
)
