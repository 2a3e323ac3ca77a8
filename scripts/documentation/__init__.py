"""What makes pages of the documentation: notebooks as Markdown, and the help of every command."""
