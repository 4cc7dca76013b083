"""The adapters, one module an area; each is found by `adapters.load`."""
