"""Usage of other tools becomes calls: the formats, and the machinery that all of them share."""
