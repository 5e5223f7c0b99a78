"""Notes on method of real-time decision making: anomalies, outliers, budgets, SLA, waste, risk, actions."""

from reporting.document import Method

METHODS = (
    Method(
        id="anomaly",
        title="Incidents, lasting changes and new sources",
        formula="robust z-score = (calls − expected) / scale, above the limit; calls over the ratio times the "
        "expected; dollars "
        "over expectation above the floor",
        assumptions=(
            "Limits are those of settings.toml ([anomaly]). Expected: the larger of the mean of the same hour of the "
            "last four weeks, far values cut, and the median of the same hour and weekday. Scale: the root mean square "
            "of what the series missed that by in the last eight weeks, at least what chance makes of a count.",
            "Calls detect, dollars rank. Expected dollars = expected calls × the series' cost per call before the day.",
            "All series are judged together and false discoveries are held at the rate set (Benjamini and Hochberg), "
            "if counts scatter as assumed. Measured on 14 real hourly series with labels: 61% of alarms are true, 62% "
            "of labelled events are found, 0.25 false alarms per series and week; on the 4 of them held out "
            "79%, 38% and 0.07.",
            "Customers with fewer than 24 calls per day are judged by day only.",
            "Days of events that settings.toml names ([[event]]) are not judged and in no expectation. What was too "
            "high, or too low, on the same day of both months before (by its number or counted from the end) is no "
            "anomaly.",
            "A lasting change is a step that stands out of steady growth or decline; history starts anew with it.",
            "A series without calls in the first days is new.",
            "Findings at the same time are one incident, led by the most expensive: only leads are added up. Incidents "
            "that ended, and calls that stopped, within the last 14 days are current and come first.",
            "Falls: whole days with less than half of the smaller of the two expectations, beyond the same limit; and "
            "calls that stopped for 7 days or more where (1 − share of active days)^(days silent) is too small by the "
            "same control. Falls that begin within a day of each other are one incident; its dollars are those of the "
            "kind (all calls, model, feature, customer) that misses most. Measured on 17 real daily series: 20 falls "
            "in 950 series-weeks; in simulated files without any (12 of 60 days) none.",
        ),
        exclusions=("Calls of unknown cost count as calls and as no dollars.",),
        source="Iglewicz and Hoaglin (1993); Benjamini and Hochberg (1995)",
    ),
    Method(
        id="outlier",
        title="Outlier calls",
        formula="robust z-score of the logarithm of cost, or of tokens, within the same model and task",
        assumptions=(
            "Also over the ratio of settings.toml times the usual. Models and tasks with 100 calls or more.",
            "Costs and lengths are compared on a grid of steps of 1%.",
        ),
        exclusions=("Calls of unknown or zero cost.",),
        source="Iglewicz and Hoaglin (1993)",
    ),
    Method(
        id="budget",
        title="Budgets",
        formula="estimate of the end = every dollar spent in the window + forecast of the days left",
        assumptions=(
            "Alert levels are those of settings.toml ([alerts] budget_shares); at 100% the alert is critical.",
            "The chance of an overrun comes from the forecast's own past errors. Measured on 18 real daily series: 80% "
            "ranges of a month's end held 80% to 84% of months from 30 days before it, 84% to 88% from 14.",
            "A last day that lacks hours counts with what it has; the forecast adds what it may still bring. So no "
            "estimate lies below what is spent.",
            "A window is closed when the file holds its last day whole; one above its budget is critical.",
            "Where the file begins within the window, what was spent before is unknown: at least.",
        ),
    ),
    Method(
        id="violations",
        title="Service level violations",
        formula="late = latency above the SLA of settings.toml; critical where 1 call in 100 takes over five "
        "times as long",
        assumptions=(),
        exclusions=("Calls without a latency.",),
    ),
    Method(
        id="waste",
        title="Money spent without need",
        formula="failures: cost of calls with status error; retries: calls of the same customer, session and "
        "task within 60 seconds of one, under the model that answers; a fallback to another model counts",
        assumptions=(
            "Premium on short work: under 1,000 input tokens, priced at a model at most one grade below that does the "
            "same task in these data.",
            "Excess output: tokens beyond three times the median answer of the model and task, at list prices; advised "
            "on from a tenth of its output on. Failures are advised on above error_rate_max ([service_levels]).",
            "More expensive seller: the same model of another provider in these data, at the ratio of list prices.",
            "A month is 30 days at the pace of the period.",
        ),
        exclusions=("Quality, which is not in the data.",),
    ),
    Method(
        id="risk",
        title="Customers by risk",
        formula="high: more than doubled week on week above the dollar floor, or an anomaly in these two weeks; "
        "medium: grew by half; "
        "lapsed: (1 − share of active days)^(days silent) below 1%",
        assumptions=("Lapsed needs 7 silent days at least.",),
        exclusions=("Calls that name no customer.",),
    ),
    Method(
        id="actions",
        title="Action list",
        formula="dollars at stake as the tables below show them",
        assumptions=(
            "Budgets by the day they run out, anomalies within a day, customers within three, failures within seven.",
        ),
    ),
)
