"""The local stack: the function, its host, and simulated upstream services. Never deployed."""
