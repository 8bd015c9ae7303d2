"""Best times: what was learned, what is proposed from it, and whether it came true."""
