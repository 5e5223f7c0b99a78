"""The reports: each turns calls into a result and a result into a document."""

from foundation import environment

environment.prefer()
