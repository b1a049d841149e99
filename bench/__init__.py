"""Figures side by side on the stand-ins, and the plots in docs/: ``python -m bench --help``."""
