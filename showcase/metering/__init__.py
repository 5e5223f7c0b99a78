"""A small metering service: takes calls in over HTTP and stores each exactly once in the CSV."""
