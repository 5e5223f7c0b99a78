"""Understanding usage and cost: one module is one section of the page, with its figures, chart, table and method."""
