"""The function behind GetArrToken; docs/architecture.md explains the packages."""
