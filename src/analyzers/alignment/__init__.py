"""Organizational alignment, part by part."""
