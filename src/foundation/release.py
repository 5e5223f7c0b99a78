"""Which version this is: read by the package's metadata, the manifest and every page."""

VERSION = "0.1.0"
