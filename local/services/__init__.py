"""Simulated upstream services: managed identity, Key Vault, STS."""
