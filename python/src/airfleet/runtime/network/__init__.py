"""Which hosts steps may reach."""
