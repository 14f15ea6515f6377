"""A deterministic simulator: two ends of the pure core, a wire that breaks, and an oracle."""
