"""How the figures of usage and cost are computed, as the page says it."""

from reporting.document import Method

TOTALS = Method(
    "totals",
    "Totals and unit costs",
    "cost a call = known cost / calls of known cost; cost per 1,000 tokens = 1,000 × known cost / their tokens",
    (
        "Money is added exactly and rounded only where it is shown.",
        "Input tokens include cached ones, output tokens include reasoning.",
        "Change compares the period with the equal one before it where --since begins it within the file, else the "
        "last 7 complete days with the 7 before.",
        "Daily burn is the mean of complete days; a first or last day that lacks hours is left out.",
    ),
    ("Calls of unknown cost: counted and named, in no average; totals then say at least.",),
)
TOKENS = Method(
    "tokens",
    "Kinds of tokens",
    "share = tokens of the kind / tokens of the whole it is part of",
    ("Cached tokens are part of input; reasoning is part of output.",),
)
FORECAST = Method(
    "forecast",
    "Forecast",
    "the candidate of least error up to 7 days ahead in a rolling-origin backtest; the range "
    "holds 80% (95%) of its past errors",
    (
        "Candidates: repeat last week, damped trend, trend with weekday regression.",
        "The next days behave as the past ones did; no launches, price changes or holidays are known.",
        "WAPE is the sum of absolute errors over the sum of actuals; MASE compares with repeating last week.",
        "Grades: within 12% run, 15% walk, 20% crawl.",
        "Ranges need 4 (80%) and 19 (95%) past errors. Beyond the backtest's reach the figure is an extrapolation: its "
        "range spans what all candidates would say, each with its errors widened in proportion.",
        "A trend is carried on for as long as it was seen, then the level stays.",
    ),
    ("Days that are not complete.", "Calls of unknown cost."),
    "FinOps Framework, capability Forecasting; Tashman (2000); split conformal prediction",
)
BUDGET = Method(
    "budget",
    "Budgets",
    "month-end estimate = spent on complete days of the month + forecast of the days left",
    (
        "The chance of an overrun comes from the forecast's own past errors of such sums.",
        "Where the file begins within the month, what was spent before is unknown: at least.",
        "The driver is the model that grew most in the last week, or else the dearest of the period; of a "
        "customer's budget it is the dearest.",
    ),
)
METHODS = (
    TOTALS,
    TOKENS,
    FORECAST,
    BUDGET,
    Method(
        "bridge",
        "Change explained",
        "volume + model mix + tokens a call + price a token = change, to the last digit",
        (
            "Taken in this order: quantities change at old prices, then prices at new quantities.",
            "Price is the cost of a token within a model: list price and the split of input, output and cache.",
            "A model that is new or gone counts as mix.",
        ),
        ("Calls of unknown cost.",),
        "price-volume-mix variance analysis: Horngren, Datar and Rajan, Cost Accounting",
    ),
    Method(
        "concentration",
        "Concentration",
        "Herfindahl index = sum of squared shares of cost; as concentrated as 1 / index equal parts",
        (),
        ("Customers: calls that name none.",),
        "Hirschman, The Paternity of an Index (1964)",
    ),
    Method(
        "switch",
        "Cheaper model and token bloat",
        "saving = cost × (1 − list cost of the same tokens on the target / on the model) × share assumed to move",
        (
            "The target already does the same task at the same input length (under 1,000, under 10,000, longer) "
            "with enough calls, at most one grade below.",
            "Bloat: an organization's tokens a call above 1.5 times the median of three or more others for the task.",
            "A month is 30 days at the pace of the period.",
        ),
        ("Quality, which is not in the data.",),
    ),
)
