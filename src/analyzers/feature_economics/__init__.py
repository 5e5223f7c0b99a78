"""Feature economics, part by part."""
