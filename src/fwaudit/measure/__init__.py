"""What each service is like, measured: its signals (docs/signals.md)."""
