"""Notes on method of organizational alignment: showback, statements, coverage, efficiency, non-production."""

from reporting.document import Method

METHODS = (
    Method(
        id="hierarchy",
        title="Cost by organization, product, feature and environment",
        formula="the sum of the known costs of the calls with these four names",
        assumptions=(
            "A name that is missing stands as (unallocated); no call is left out, so the lines add up to the total.",
        ),
        exclusions=("Calls of unknown cost are counted, and totals with such calls say at least.",),
    ),
    Method(
        id="showback",
        title="Showback and months",
        formula="cost per month = cost of the period × 30 / days of the period",
        assumptions=(
            "Columns named by a month hold that calendar month in the reporting time zone.",
            "Showback reports and charges nothing: no shared cost, no markup.",
        ),
        source="FinOps Framework, Invoicing and Chargeback",
    ),
    Method(
        id="chargeback",
        title="Chargeback statements",
        formula="total = direct usage + part of the shared cost + markup × (direct usage + shared) + adjustments",
        assumptions=(
            "One statement for each organization and calendar month in the reporting time zone.",
            "Shared cost of a month = shared cost per month × days that the file has / days of the month, in cents.",
            "Even: among organizations with calls. Proportional: to direct cost. Fixed: as settings.toml has it.",
            "Cents tie out: each column is rounded down and the cents left go to the largest remainders, "
            "so that a statement may differ by a cent from the cost shown elsewhere.",
            "Adjustments of settings.toml count once, in the last month; credits are negative.",
            "The number is made of the month and the place of the organization by name.",
            "Lines by product, feature and model are rounded so that they add up to the direct usage.",
        ),
        exclusions=("Calls that name no organization are charged to nobody and stand below the table.",),
        source="Largest remainder (Hamilton): Balinski and Young, Fair Representation (1982)",
    ),
    Method(
        id="coverage",
        title="Allocation coverage",
        formula="coverage = known cost of calls that name a value / all known cost",
        assumptions=("Graded run from 90%, walk from 80%, crawl below.",),
        exclusions=("Calls of unknown cost; the share of calls stands beside it.",),
        source="FinOps Framework, Allocation",
    ),
    Method(
        id="efficiency",
        title="Efficiency across organizations",
        formula="price index = cost / cost of the same tokens at the mean price of each task over all calls",
        assumptions=(
            "An organization whose tasks are costly by nature is not called wasteful (indirect standardisation).",
            "The part of the models: its tokens on each model at that model's mean price over all calls. What is left "
            "is the share of output, caching and prices.",
            "Compared are organizations with enough calls of known cost (settings.toml, [sample] comparison_calls).",
        ),
        exclusions=("Calls of unknown cost. The quality of answers is not in the data.",),
        source="Indirect standardisation: Breslow and Day (1987), chapter 2",
    ),
    Method(
        id="environments",
        title="Non-production",
        formula="at the best ratio = production cost × lowest non-production cost a production dollar",
        assumptions=(
            "The best organization is the one with the lowest ratio above zero among those with enough calls.",
            "Production cost is taken as given. A lower figure is kept as it is.",
            "Advised on is who spends over twice the median of the others outside production, for a dollar in it.",
        ),
        exclusions=("Calls that name no environment stand apart.",),
    ),
)
