"""Tests of titles, covers and captions, planned before they begin and ended by their rules."""
