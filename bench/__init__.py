"""Measures GetArrToken beside other functions, on simulated services: ``python -m bench --help``."""
