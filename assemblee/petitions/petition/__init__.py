"""What every room of petitions knows: one petition, its states, its signatures, the count, the crossing."""
