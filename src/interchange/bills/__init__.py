"""Bills of providers and clouds: every line read exactly or refused with its number, and its kind of charge told."""
