"""Chat services: protocol on one side, `Message` and `Inbound` on the other."""
