"""Notes on method of pricing strategy: bills, answers of customers, token prices, the recommended offer."""

from reporting.document import Method

METHODS = (
    Method(
        id="rerating",
        title="Bills under each offer",
        formula="bill = sum over the customer's calendar months: flat: price; tiered: base + tokens above the "
        "allowance × "
        "overage; usage: tokens × price; hybrid: base + cost × (1 + markup); credits: packs rounded up × pack price",
        assumptions=(
            "The use is what customers really used: nobody uses more or less because of the offer.",
            "Of a month that the file or the customer has in part, base prices and included tokens are prorated by "
            "days, credit packs are not.",
            "The tier of an offer is that of the customer's plan; for a plan without one, the cheapest tier that costs "
            "at least as much as the plan.",
            "Use is low, medium or high by thirds of the customers, by tokens a billed day.",
            "A bill shock is a rise above bill_shock_share of settings.toml; from a bill of nothing, any rise.",
            "Percentiles are linearly interpolated.",
        ),
        exclusions=(
            "Customers whose revenue or cost is unknown, and calls without a customer.",
            "Calls of unknown cost are in no cost; their tokens are in the bills.",
        ),
    ),
    Method(
        id="response",
        title="What customers may answer",
        formula="break-even change of volume = −dP / (margin + dP); volume after = (new bill / old bill) ^ "
        "elasticity, for "
        "each customer, 4,000 elasticities drawn evenly from the range",
        assumptions=(
            "The range of elasticities stands in settings.toml under [churn]: these data hold no change of price from "
            "which one could be estimated.",
            "One elasticity holds for all customers of a draw; volume covers both leaving and using less. A bill that "
            "falls under an offer wins no use; all prices lowered win up to half as much again.",
            "dP is the relative change of revenue on the same use, margin that of today's plans.",
            "Who pays nothing today keeps its volume.",
        ),
        exclusions=(),
        source="Nagle and Müller, The Strategy and Tactics of Pricing, 6th edition (2018), chapter 9",
    ),
    Method(
        id="token-prices",
        title="Token prices up and down 30%",
        formula="margin = revenue − cost × 0.7, 1 or 1.3; a cost-plus bill moves with the cost",
        assumptions=("All providers move alike, and use stays as it is.",),
    ),
    Method(
        id="recommendation",
        title="Which offer is recommended",
        formula="the offer with the highest median margin after customers have answered, grandfathered "
        "customers left on their "
        "plan, if that is above today's margin and more than half of the draws are",
        assumptions=(
            "Spoken to first: the customers whose bill rises most in dollars.",
            "Grandfathered: customers with a bill shock who are profitable today; they keep their plan and use. "
            "No other bill rises by more than the limit of settings.toml. Beside it: the margin if all whose bill "
            "rises leave.",
            "Confidence is the weaker of the bills (high from 30 days of use on, else medium) and of how customers "
            "answer: medium below 5% of draws under today's margin, else low, since the range is set, not known.",
        ),
    ),
)
