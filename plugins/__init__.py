"""Built-in plugins. Each folder knows one platform, or gives one kind of advice."""
