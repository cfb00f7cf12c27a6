"""Programs that run alone: one file each, the standard library, no network unless told."""
