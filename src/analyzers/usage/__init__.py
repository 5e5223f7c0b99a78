"""What calls used: sums in total, by dimension and over time, and the tables that show them."""
