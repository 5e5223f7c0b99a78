"""Advice that several reports give: cheaper models, and what advice is about."""
