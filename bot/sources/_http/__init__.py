"""The one way out: the client that sources read with, one request and its answer, downloads that resume."""
