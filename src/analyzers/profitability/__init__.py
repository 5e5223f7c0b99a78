"""Customer profitability, part by part."""
