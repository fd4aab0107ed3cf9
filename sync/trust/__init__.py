"""Colleagues: cards, what two people compare, and who is trusted how far."""
