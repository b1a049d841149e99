"""Figures side by side on the simulated services, and the plots in docs/: ``python -m bench --help``."""
