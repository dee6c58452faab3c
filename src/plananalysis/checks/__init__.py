"""Whether a value can be right: alone, against its past, beside others."""
