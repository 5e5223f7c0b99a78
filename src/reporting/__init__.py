"""Documents, the pages made of them, and the manifest that lists the pages."""

from foundation import environment

environment.prefer()
