"""Pricing strategy, part by part."""
