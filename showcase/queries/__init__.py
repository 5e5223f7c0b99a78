"""Questions asked of the calls, as short functions."""
