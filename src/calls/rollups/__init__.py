"""Relations of few rows that hold what the reports ask of all calls: each is built once."""
