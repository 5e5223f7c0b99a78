"""What every script stands on: how it ends, where files lie, what it says on the console, which version it is."""
