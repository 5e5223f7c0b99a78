"""Figures as words of a sentence, and sentences that all reports begin or end with."""
