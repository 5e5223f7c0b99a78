"""How the figures of this report are computed, as the page says it."""

from reporting.document import Method

METHODS = (
    Method(
        "anomaly",
        "Anomalies, lasting changes and new sources",
        "modified z = (calls − median of the past) / (1.4826 × median absolute deviation), above the limit; "
        "calls over the ratio times the expected; dollars over expectation above the floor",
        (
            "Limits are those of settings.toml ([anomaly]). Expected comes from the past only, for the same hour of "
            "the day or of the week and the same kind of day.",
            "Calls detect, dollars rank. Expected dollars = expected calls × the series' usual cost a call.",
            "All series are judged together and false discoveries are held at the rate set (Benjamini and Hochberg).",
            "Customers with fewer than 24 calls a day are judged by day only.",
            "A lasting change starts the history anew; a series without calls in the first days is new.",
        ),
        ("Calls of unknown cost count as calls and as no dollars.",),
        "Iglewicz and Hoaglin (1993); Benjamini and Hochberg (1995)",
    ),
    Method(
        "outlier",
        "Outlier calls",
        "modified z of the logarithm of cost, or of tokens, within the same model and task",
        ("Also over the ratio of settings.toml times the usual. Models and tasks with 100 calls or more.",),
        ("Calls of unknown or zero cost.",),
        "Iglewicz and Hoaglin (1993)",
    ),
    Method(
        "budget",
        "Budgets",
        "month-end estimate = spent on complete days of the month + forecast of the days left",
        (
            "Alert levels are those of settings.toml ([alerts] budget_shares); at 100% the alert is critical.",
            "The chance of an overrun comes from the forecast's own past errors.",
            "Where the file begins within the month, what was spent before is unknown: at least.",
        ),
    ),
    Method(
        "violations",
        "Service level violations",
        "late = latency above the SLA of settings.toml; critical where 1 call in 100 takes over five times as long",
        (),
        ("Calls without a latency.",),
    ),
    Method(
        "waste",
        "Money spent without need",
        "failures: cost of calls with status error; retries: the same session, model and task within 60 seconds of one",
        (
            "Premium on short work: under 1,000 input tokens, priced at a model at most one grade below that does the "
            "same task in these data.",
            "Excess output: tokens beyond three times the median answer of the model and task, at list prices.",
            "Dearer seller: the same model of another provider in these data, at the ratio of list prices.",
            "A month is 30 days at the pace of the period.",
        ),
        ("Quality, which is not in the data.",),
    ),
    Method(
        "risk",
        "Customers by risk",
        "high: more than doubled week on week above the dollar floor, or an anomaly; medium: grew by half; "
        "lapsed: (1 − share of active days)^(days silent) below 1%",
        ("Lapsed needs 7 silent days at least.",),
        ("Calls that name no customer.",),
    ),
    Method(
        "actions",
        "Action list",
        "dollars at stake as the tables below show them",
        (
            "Budgets by the day they run out, anomalies within a day, customers within three, failures within seven.",
        ),
    ),
)
