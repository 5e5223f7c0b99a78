"""The records of a file of any tool: CSV, JSON, JSON lines or Parquet, compressed or not."""
