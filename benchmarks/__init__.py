"""What the bot costs, measured beside what the same work costs without it: `make bench`."""
