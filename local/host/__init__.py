"""HTTP in front of Microsoft's Python worker library."""
