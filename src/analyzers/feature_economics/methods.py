"""Notes on method of feature economics: adoption, attribution of revenue, verdicts, bundles."""

from reporting.document import Method

METHODS = (
    Method(
        id="use",
        title="Adoption, cost and engagement",
        formula="adoption = customers that use the feature / all customers; cost per customer = known cost of calls "
        "that name a customer / customers that use it; cost per call = known cost / calls of known cost",
        assumptions=(
            "A user is a customer: the data name no persons.",
            "Stickiness (DAU/MAU) = mean customers per day / customers, both over the last 30 days of the "
            "period, or all of a shorter one; the first and the last day may be part days.",
            "Power users are the fewest customers that make at least half of the calls that name a customer.",
            "Change compares the period with the equal one before it where --since begins it within the file, else "
            "the last 7 complete days with the 7 before.",
            "A feature is a feature_id: one that several products share is one feature.",
        ),
        exclusions=("Calls of unknown cost are in no cost: costs above them are at least what is shown.",),
    ),
    Method(
        id="attribution",
        title="Revenue attributed to features, margin and return",
        formula="usage rule: each customer's revenue × its calls of the feature / all its calls; equal split: its "
        "revenue / number of features it uses; margin = revenue − cost; return = margin / cost",
        assumptions=(
            "Revenue follows calls, not tokens: a call is what the customer sees, while tokens are the cost "
            "itself, and revenue that follows cost would give every feature its customer's return.",
            "Calls without a feature take their part like a feature; it stands as unattributed in a line of "
            "its own.",
            "Each customer's revenue is split at nine decimals by largest remainder, so that the parts add up "
            "to it exactly.",
            "Revenue of a customer: its plan's monthly price for each calendar month from that of its first call to "
            "that of its last, prorated by day where the file has part of a month or the plan changes.",
            "Customers buy plans, not features: attributed revenue says where use lies, not what would be lost "
            "without the feature.",
        ),
        exclusions=(
            "Customers whose revenue or whole cost is unknown: neither their revenue nor their cost is in a "
            "margin.",
        ),
        source="Largest remainder: Balinski and Young, Fair Representation (1982)",
    ),
    Method(
        id="quadrant",
        title="Invest, maintain, optimize, sunset",
        formula="invest: high adoption and high return; maintain: high return only; optimize: high adoption only; "
        "sunset: neither",
        assumptions=(
            "A value at its threshold is high. Both thresholds stand in settings.toml under [features].",
            "Customers to spare = customers − the fewest that make adoption high; cost to spare = attributed "
            "revenue / (1 + return threshold) − cost. Negative: so many are short, so much must be saved.",
            "A verdict is firm when the equal split gives the same one.",
            "A feature that costs nothing has a high return; calls of unknown cost would lower it.",
            "Sunset is a question to ask, not an order: a feature that still earns saves nothing by going.",
        ),
        exclusions=("Features whose calls have no known cost.",),
    ),
    Method(
        id="bundles",
        title="Features used by the same customers",
        formula="lift = customers using both × all customers / (customers of the first × customers of the second)",
        assumptions=(
            "Association, not cause: customers that use much use more of everything.",
            "Tested are pairs that enough customers share (lift_min_support in settings.toml), by Fisher's exact "
            "test, one-sided.",
            "At most 5% of the pairs called significant are expected to be chance (Benjamini-Hochberg over all "
            "pairs tested): by the theory of the test, not measured on data.",
        ),
        exclusions=("Features beyond the 60 with the most customers.",),
        source="Brin, Motwani, Ullman and Tsur, Dynamic Itemset Counting (1997); Benjamini and Hochberg (1995)",
    ),
    Method(
        id="sharing",
        title="Loss-making features that profitable customers use",
        formula="loss = cost − attributed revenue; at risk = margin of all customers of the feature that pay more than "
        "they cost",
        assumptions=(
            "Their margin is that of the whole customer over all features: what would go if the feature's end "
            "drove all of them away, the worst case.",
        ),
    ),
)
