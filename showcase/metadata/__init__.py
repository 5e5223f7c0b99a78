"""Metadata that a call carries: who it is for, and what."""
