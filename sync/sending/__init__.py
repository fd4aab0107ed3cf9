"""What leaves a record: consents, the gate, extracts, letters, and taking all of it back."""
