"""Who comes when, and what is due for whom."""
