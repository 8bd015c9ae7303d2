"""The schema's history; `bot.store.schema` runs it."""
