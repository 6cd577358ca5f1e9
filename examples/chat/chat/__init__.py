"""A room chat on FastAPI: typed messages over WebSockets, documented from the same classes."""
