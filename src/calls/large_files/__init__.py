"""Files too large to hold: read chunk by chunk into rollups, which a cache keeps beside the file."""
