"""What runs where: calls resolved, contexts carried along them, and the paths to what blocks."""
