"""Money: what studies cost and how long they take, what a decision is worth, each number with its source."""
