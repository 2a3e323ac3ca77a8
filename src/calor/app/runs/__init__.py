"""Long work: what may be asked, the queue that works it off in processes, and what comes of it."""
