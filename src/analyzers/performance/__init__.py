"""Performance tracking, part by part."""
