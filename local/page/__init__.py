"""The page at http://localhost:7071/: the function at work, and the switches that make it fail."""
