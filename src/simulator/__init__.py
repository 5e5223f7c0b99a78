"""Simulated calls: one base pattern and the scenarios that bend it."""

from foundation import environment

environment.prefer()
