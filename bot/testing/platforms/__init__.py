"""Platforms that exist only here, for tests of the core and as an example of a plugin."""
