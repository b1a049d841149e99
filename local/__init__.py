"""The stack on a developer's machine: the function, its host, and stand-ins for its three upstream services."""
