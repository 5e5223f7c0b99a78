"""Name and version of the toolkit: read by the package's metadata, the manifest and every page."""

NAME = "Revenium FinOps Showcase"
VERSION = "0.1.0"
