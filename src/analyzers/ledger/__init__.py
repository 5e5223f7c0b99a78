"""The ledger: what each calendar month cost, closed and open, and the windows of time that budgets have."""
