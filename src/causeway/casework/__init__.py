"""The domain, pure: conversations, what is published of them, and when keys turn."""
