"""Other tools' formats, in and out."""

from foundation import environment

environment.prefer()
