"""Two files of calls compared: the page of compare_scenarios.py."""
