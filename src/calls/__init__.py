"""What a call is, where calls live, and how they are asked."""

from foundation import environment

environment.prefer()
