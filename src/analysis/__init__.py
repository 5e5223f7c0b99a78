"""One run of the analyzers, from a file of calls to published pages, and who is told of it."""

from foundation import environment

environment.prefer()
