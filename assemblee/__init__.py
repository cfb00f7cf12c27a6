"""The engine of a deliberative mandate."""

__version__ = "0.1.0"
