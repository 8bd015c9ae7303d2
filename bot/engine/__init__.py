"""What wakes work up. Nothing is kept here that the tables do not know."""
