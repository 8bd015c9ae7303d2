"""The kit for plugin authors: fake clock, breakable simulators, contracts, a demo platform."""
