"""What bends the base pattern: one file a scenario."""
