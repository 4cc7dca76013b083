"""What objects are: kinds, their schemas and JSON forms, quantities, labels, manifests."""
