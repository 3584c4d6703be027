"""What leaves a centre as a document: rendered from results, complete in itself."""
