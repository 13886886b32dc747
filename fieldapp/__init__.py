"""fieldapp: an offline field inspection collector and the archive behind it."""
