"""The five FinOps reports."""
