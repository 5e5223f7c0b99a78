"""What calls become for other tools: one module a target format."""
