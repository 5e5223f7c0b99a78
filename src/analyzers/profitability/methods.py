"""Notes on method of customer profitability: revenue, margin, whale curve, outlook, remedies, bridge."""

from reporting.document import Method

MEASURED = (
    "Measured on 18 real daily series (each as the cost of one customer, at five prices, 30 days ahead): the 80% range "
    "held 82% of 1,040 months (83% of those of the 6 series left out while choosing); of chances said by tenths as "
    'many came true to within 5 points, of "at most 1%" 1% of 95 did (1 of 21 left out).'
)
CHANCES = "on real series of others such chances came true to within 5 points"
"""What is said of a chance beside it."""
ELSEWHERE = "On real series of others such ranges held 82% of months; this file is too short to test its own."
"""What is said of the range where no month of the file can be foreseen from another."""

METHODS = (
    Method(
        id="revenue",
        title="Revenue",
        formula="revenue = sum over calendar months of monthly price × days on the plan / days of the month",
        assumptions=(
            "A customer pays from the first day of the month of its first call to the last day of that of its last, "
            "as far as the file reaches; whoever called in the last 30 days pays to the end of the file. So who "
            "churned stops paying, and who came late did not pay before.",
            "The price is tier_price_usd of the calls or of the customers file; the price list holds only where you "
            "pass your own with --pricing.",
            "Where lines of --customers have from, until or quantity, they say what a customer pays on each day, with "
            "calls or without; a customer without a call in the period is in no figure.",
            "Else a customer is on the plan that its calls of a day name, on days without calls on that of the day "
            "before: changes and trials count by day, on the day of a change the new plan. Plans or prices "
            "that calls name on the same days are paid side by side. The tables list a customer under the plan it "
            "ended on.",
            "Each prorated price is rounded half-even to nine decimals once; everything else is exact.",
        ),
        exclusions=("Customers on a plan without a known price: their revenue is unknown, not zero.",),
    ),
    Method(
        id="margin",
        title="Cost to serve, margin and bands",
        formula="margin = revenue − cost of the customer's calls; margin of revenue = margin / revenue",
        assumptions=(
            "Bands: over 50%; 20 to 50%, both included; 0 up to 20%; negative.",
            "Calls without a customer are unallocated: their cost lowers the gross margin, but no "
            "customer's.",
            "By organization, cost lies where the calls were made; a customer with calls in several "
            "organizations pays "
            "in each in proportion to its calls there, and is counted where most of its calls are.",
        ),
        exclusions=(
            "Calls of unknown cost are in no cost: the margins above them are upper bounds.",
            "The cost of customers whose revenue is unknown is in no margin.",
        ),
    ),
    Method(
        id="whale",
        title="Whale curve",
        formula="customers in falling order of margin, their margins added up one by one",
        assumptions=("Customers of unknown margin and unallocated cost are left out.",),
        source="Kaplan and Narayanan, Measuring and Managing Customer Profitability (2001)",
    ),
    Method(
        id="break-even",
        title="Break-even use",
        formula="break-even calls = monthly price / mean cost of a priced call; tokens = those calls × mean "
        "tokens per call",
        assumptions=(
            "Costs and tokens are means over the plan's customers as they use it today.",
            "A customer is above break-even when 30 days at its pace since its first call cost more than "
            "the price.",
        ),
        exclusions=("Free plans, and plans whose calls have no known cost.",),
    ),
    Method(
        id="outlook",
        title="Next month's margin and the probability of a loss",
        formula="price − cost of the next 30 days, drawn 1,000 times: the cost of all customers together around its "
        "forecast, times the share that a customer has of it; the range holds the middle 80% of the draws, the "
        "probability is the share of draws below zero",
        assumptions=(
            "Whole days since the customer's first call, days without a call included, at most the last 90.",
            "All together: the forecast of the sum of customers that were there from the first week on, as far off "
            "as its 80% range says (Student's t with 3 degrees of freedom).",
            "Share: days drawn with replacement, the same for all customers, then moved by a change of level whose "
            "size is learned from how the shares of all customers changed from the first half of their days to the "
            "second; three quarters of what of a customer's own change is no noise go on.",
            "The price stays.",
            MEASURED,
            "On simulated customers with 30 days of history it held 80 to 83% of months, and chances between 10 and "
            "50% came true less often than said. A sudden wave of calls by all customers is not foreseen: there it "
            "held 39%.",
        ),
        exclusions=(
            "Customers with fewer than 14 days of history, or not active in the last month.",
            "Above 2,000 customers, those with the lowest cost.",
        ),
        source="Efron and Tibshirani, An Introduction to the Bootstrap (1993); DerSimonian and Laird (1986)",
    ),
    Method(
        id="remedies",
        title="What to do about a loss",
        formula="margin after = price after − cost after, for 30 days at the pace since the customer's first call",
        assumptions=(
            "Upgrade: the cheapest of the more expensive plans of the price list that leaves the target margin, else "
            "one that covers "
            "the cost.",
            "Model switch: every call moves to the cheapest model that already does the same task at the same length "
            "of input with enough calls, at most one grade below, at the ratio of list prices; quality is not in the "
            "data, so test a share first.",
            "Cap: the tokens whose cost leaves the target margin, at the customer's own cost per token.",
            "Price: whole dollars, rounded up, that leave the target margin on today's use.",
            "Confidence is the weaker of how sure the loss is and of how likely the customer acts so: low where the "
            "bill rises by more than bill_shock_share of settings.toml; then only the loss that ends either way "
            "counts.",
            "Recommended is the upgrade if it covers the cost, else the switch if it does, else the cap; "
            "never a price "
            "rise by itself. The target margin stands in settings.toml.",
        ),
        exclusions=(
            "Customers not active in the last month; models are compared for the 200 largest losses.",
        ),
    ),
    Method(
        id="bridge",
        title="Margin bridge",
        formula="margin of the second half − margin of the first = customers + plan price + calls + model mix + "
        "tokens per call + "
        "model price",
        assumptions=(
            "Both halves have the same number of days; of an odd number the first day is left out.",
            "Effects are taken one after the other at old prices, so that they add up exactly; a new "
            "model is mix.",
            "Within one 30-day month revenue runs evenly, so customers and plan price move it only "
            "between months.",
        ),
        exclusions=("Calls of unknown cost.",),
        source="Price-volume-mix analysis: Horngren, Datar and Rajan, Cost Accounting, chapters 7 and 14",
    ),
)
