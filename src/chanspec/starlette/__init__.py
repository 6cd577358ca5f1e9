"""chanspec for FastAPI, Starlette and any ASGI application. Django is not needed and never imported."""
