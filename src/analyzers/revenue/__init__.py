"""What customers pay, by one rule for every report, and what is left of it day by day."""
