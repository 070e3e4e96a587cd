"""The Audit as text: no decisions, nothing but what the Audit says. Each module is one format."""
