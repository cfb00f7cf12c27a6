"""How bodies follow each other: terms planned from the charter, and what days bring about."""
