"""One verb a file. Each function owns its transaction; none names a platform or a framework."""
