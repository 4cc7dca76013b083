"""A request for a certificate: of ann, for an Ed25519 key (`openssl req -new -subj /CN=ann`)."""

import base64

PEM = """-----BEGIN CERTIFICATE REQUEST-----
MIGNMEECAQAwDjEMMAoGA1UEAwwDYW5uMCowBQYDK2VwAyEAOB4urWT8DL9IbFP1
TI1b1b2EBF8yfHgY6W3KXyBv0DigADAFBgMrZXADQQDVu1LYnC7KaVK7pOXroS+l
5nuXgzO+lJlSJiG25wMjqtynvwgKnVYmoXBYHVosgcD5nRausQDBbRGGP457n0IM
-----END CERTIFICATE REQUEST-----
"""
REQUEST = base64.b64encode(PEM.encode()).decode()


def block(content, kind="CERTIFICATE REQUEST", headers=""):
    """A PEM block with some bytes in it, as JSON has bytes."""
    text = f"-----BEGIN {kind}-----\n{headers}{base64.b64encode(content).decode()}\n-----END {kind}-----\n"
    return base64.b64encode(text.encode()).decode()
