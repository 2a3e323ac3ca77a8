"""The bank: what people of every world would show in the studies that are compared, before any is run."""
