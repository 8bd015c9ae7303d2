"""Files: kept by content, described once."""
