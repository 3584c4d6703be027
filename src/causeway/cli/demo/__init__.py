"""The demonstration: a whole centre on one machine, with invented people, gone when it ends."""
