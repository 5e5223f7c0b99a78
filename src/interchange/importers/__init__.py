"""One module a source format."""
