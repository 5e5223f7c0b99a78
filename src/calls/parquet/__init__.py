"""Calls in Parquet files, on the embedded engine."""
