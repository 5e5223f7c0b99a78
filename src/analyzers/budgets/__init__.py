"""Where budgets stand, where they will end, and what drives them."""
