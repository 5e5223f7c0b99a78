"""Business stories told by the numbers of the calls."""
