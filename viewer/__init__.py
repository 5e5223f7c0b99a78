"""The viewer: serves the pages and keeps them fresh."""
