"""The five FinOps reports, as the scripts that a user types."""
