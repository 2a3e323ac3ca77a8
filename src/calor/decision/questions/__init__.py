"""What is asked, and of which candidates: question files, read and checked."""
