"""Caching policy: when a token is fetched, and which requests wait. Knows neither HTTP nor Azure."""
