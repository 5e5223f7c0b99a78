"""The records of a file, whoever wrote it: CSV, JSON, JSON lines or Parquet, compressed or not."""
