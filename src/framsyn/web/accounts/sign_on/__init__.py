"""Single sign-on by OpenID Connect: providers, the protocol, and who the claims are about."""
