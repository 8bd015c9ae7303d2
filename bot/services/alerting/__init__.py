"""The few moments that matter, said once, in the thread of the post they concern."""
