"""The caller's side: HTTP request in, HTTP response out. Never imports ``shared.upstreams``."""
