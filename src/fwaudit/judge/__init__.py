"""What the evidence of an Audit says: stay, migrate or sidecar. It never sees source."""
