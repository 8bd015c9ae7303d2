"""Numbers on the cards of live posts: put there when they say something else, and not too often."""
