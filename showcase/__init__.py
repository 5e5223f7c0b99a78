"""How an application meters its AI calls, by running code."""
