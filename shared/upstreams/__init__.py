"""The way out to the managed identity, Key Vault and the STS. Imported on the thread of the first exchange only."""
