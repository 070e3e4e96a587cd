"""Ways to register routes that a framework's table cannot say, one module for each."""
