"""One module a command: its options, and what it prints. The work is done elsewhere."""
