"""Chat services on loopback: stateful simulators that speak the services' own protocols."""
