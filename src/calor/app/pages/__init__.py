"""Pages for people, one a file: a router, and what its template shows."""
