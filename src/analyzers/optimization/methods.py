"""Notes on method of rate optimization: levers in order, model switching, commitment, volume discounts."""

from reporting.document import Method

METHODS = (
    Method(
        id="levers",
        title="Levers in order",
        formula="today − switch − cache − batch − commit = best; each lever works on what the one before leaves",
        assumptions=(
            "Shares and discounts are those of settings.toml ([levers], [commitment]).",
            "Switch: the assumed share of the calls moves to the cheaper model, the rest stays.",
            "Cache: (input × share assumed to repeat − input cached or written to a cache already) × (input price − "
            "cached price), without write fees.",
            "Batch: all that is left of the tasks that can wait, but for calls that are sent as batch or flex already. "
            "Commitment: only on what cannot wait.",
            "A month is 30 days at the pace of the period.",
        ),
        exclusions=("Calls of unknown cost.", "Volume discounts."),
    ),
    Method(
        id="switch",
        title="Model switching",
        formula="cost there = cost × list cost of the same tokens on the target / on the model",
        assumptions=(
            "Same task and same length of input (under 1,000, under 10,000, longer); the target "
            "does that work in these "
            "data with enough calls, at most one grade below, and saves 10% or more.",
            "List prices are those of the calls' own tier and speed. Where one is missing, the target's own cost per "
            "token in that work, at the same tier and speed, is taken.",
        ),
        exclusions=("Quality, which is not in the data.",),
    ),
    Method(
        id="commitment",
        title="Commitment",
        formula="the cheapest level is the d-quantile of hourly tokens, at discount d; break-even utilisation = 1 − d",
        assumptions=(
            "Every hour of the period counts, idle ones as zero. Utilisation = used / committed; "
            "coverage = used / demand.",
            "Effective savings rate = saving / cost of the same tokens without commitment.",
            "Regret: chosen on the first half of the hours, judged on the second, against that half's best level.",
            "Break-even month: by its end, what was used is worth the whole term's commitment at the full price.",
        ),
        exclusions=("Calls of unknown cost.",),
        source="newsvendor problem: Arrow, Harris and Marschak (1951); FinOps Framework, effective savings rate",
    ),
    Method(
        id="volume",
        title="Volume discounts",
        formula="discount = spend within a tier × its rate, tier by tier",
        assumptions=(
            "Tiers are those of settings.toml ([[volume_tier]]). Consolidating assumes the same cost at one provider, "
            "which other prices and models would change.",
        ),
    ),
)
