"""A small metering endpoint: takes what the Revenium SDK sends and keeps it as rows of the CSV."""
