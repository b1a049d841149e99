"""The page at http://localhost:7071/: it shows the running function, and has switches for faults."""
