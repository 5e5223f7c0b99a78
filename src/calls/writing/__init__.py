"""The only code that changes a file of calls: whole rows, under a lock, there altogether or not at all."""
