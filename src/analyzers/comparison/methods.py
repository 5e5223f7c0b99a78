"""Notes on method of a comparison: totals, why cost and margin changed, who crossed zero, chance."""

from reporting.document import Method

METHODS = (
    Method(
        id="totals",
        title="Totals and parts",
        formula="each figure is computed from each file alone; change = second file − first file",
        assumptions=(
            "Percentiles interpolate linearly between calls and need the sample of settings.toml.",
            "Revenue: the plan's monthly price (tier_price_usd) for each calendar month from that of the customer's "
            "first call to that of its last, prorated by day where the file has part of a month or the plan changes.",
        ),
        exclusions=(
            "Calls of unknown cost are counted and kept out of cost; such a total is at least what it says.",
        ),
    ),
    Method(
        id="bridge",
        title="Why cost and margin changed",
        formula="volume = old cost × (growth of calls − 1); mix = calls now × old cost per call − old cost × growth; "
        "tokens = calls now × change of tokens per call × old cost per token; price = the rest of the line; "
        "plan price = revenue now − customer-months now × old price",
        assumptions=(
            "Lines are provider, model and task type; steps are taken in the order shown, so that quantities "
            "change at old prices and prices at new quantities.",
            "New and vanished lines are mix. Customers are matched by customer and plan: who changes plan "
            "counts under changes of plan, and whom one file alone has under customers won and lost. More or fewer "
            "days of the same customer on the same plan are days billed.",
            "Files of unequal length are compared over the first days that both have, unless --whole-files is given.",
            "Every stage is rounded once to nine decimals, so the steps add up to the change exactly; "
            "where they are shown, cents are rounded together.",
        ),
        exclusions=("Lines priced in one file only while used in both are cost coverage.",),
        source="price-volume-mix variance analysis",
    ),
    Method(
        id="crossing",
        title="Customers who crossed zero",
        formula="margin < 0 in exactly one of the two files",
        assumptions=("Only customers that are in both files are compared.",),
    ),
    Method(
        id="chance",
        title="What exceeds chance",
        formula="t = difference / its standard deviation over 2,000 draws of organizations; "
        "two-sided p from Student's t with one degree of freedom less than there are organizations; where few "
        "organizations are most of a figure: share of all ways to swap their two files (20,000 drawn ones of more than "
        "14 organizations) with as large a difference",
        assumptions=(
            "Organizations are drawn, since calls of one organization resemble each other; one that is in "
            "both files is drawn with both its sides. Without organizations, customers are drawn.",
            "Few are most where as many as (sum)^2 / sum of squares of what organizations add to the figure are fewer "
            "than half of them. Of n organizations no share is below 2 / 2^n, so that of few nothing may stand out.",
            "Positive figures are compared by the logarithm of their ratio, others by their difference.",
            "At most 5% of the differences called beyond chance are expected to be false "
            "(Benjamini-Yekutieli over all figures). Measured: of 20 pairs of simulated files that differ only in "
            "their seed 1 had any; of 4,000 drawn pairs of one figure, 4.5% to 6.2% stood out, with the largest of ten "
            "organizations at 10% to 90% of it.",
        ),
        exclusions=("A figure to which fewer than five organizations add is not judged.",),
        source="cluster bootstrap; Davison and Hinkley, Bootstrap Methods and their Application, section 3.8; "
        "sign flips; Canay, Romano and Shaikh, Econometrica 85 (2017)",
    ),
)
