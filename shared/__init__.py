"""The token broker behind GetArrToken, in layers: docs/architecture.md draws them."""
