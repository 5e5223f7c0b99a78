"""Rate optimization, part by part."""
