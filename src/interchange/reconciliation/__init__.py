"""What calls cost against what bills charge: the difference in steps, by day and by model, and what it comes to."""
