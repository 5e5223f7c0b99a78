"""What this is called, and which version it is: read by the package's metadata, the manifest and every page."""

NAME = "Revenium FinOps Showcase"
VERSION = "0.1.0"
