"""Winners, and what could be made of them elsewhere: proposals that people decide on."""
