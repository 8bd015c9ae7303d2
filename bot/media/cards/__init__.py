"""Pictures of how a post will look on its platform. Every letter is drawn here, by Pillow."""
