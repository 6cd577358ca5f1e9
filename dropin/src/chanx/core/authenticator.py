"""What authenticators derive from."""

from chanspec.runtime.authenticator import BaseAuthenticator, Credential

__all__ = ["BaseAuthenticator", "Credential"]
