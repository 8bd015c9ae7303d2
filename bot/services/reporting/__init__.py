"""What a week or a month came to, and what the numbers rest on."""
