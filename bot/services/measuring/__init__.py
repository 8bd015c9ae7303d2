"""Numbers of published posts: read when they are worth reading, kept with their age and source."""
