"""A Slack workspace on loopback: Web API, Socket Mode, signed HTTP delivery, people who act."""
