"""Authentication by Django REST Framework."""

from chanspec.channels.authenticator import AuthSerializer as ChanxSerializer
from chanspec.channels.authenticator import AuthView as ChanxAuthView
from chanspec.channels.authenticator import DjangoAuthenticator

__all__ = ["ChanxAuthView", "ChanxSerializer", "DjangoAuthenticator"]
