"""The one public origin: pages, a forwarder for ciphertext, and processes of their own for forms."""
