"""The terms of bodies and the seats in them: their tables, their reads, and what the journal tells."""
