"""Explore: what is kept between questions, and how an answer is shown."""
