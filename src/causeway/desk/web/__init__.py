"""The desk's local web pages."""
