"""Understanding usage and cost, part by part."""
