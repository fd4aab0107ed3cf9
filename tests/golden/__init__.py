"""A practice as each release wrote it, so that the present one is known to open what the earlier ones left behind."""
