"""The heart: when to read, how to combine, and what a plate stream says."""
