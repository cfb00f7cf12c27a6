"""Letters by e-mail: who can be written to, the outbox that an act fills, and what the worker sends of it."""
