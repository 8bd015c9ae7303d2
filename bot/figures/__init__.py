"""Charts and tables, made in a process of their own: drawing and counting stay off the loop."""
