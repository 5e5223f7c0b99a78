"""Reports on their way to people: mail with the pages attached, and a notice to a webhook."""

from foundation import environment

environment.prefer()
