"""Forms and sizes that relay, door, desk and browser share. No keys, no input or output."""
