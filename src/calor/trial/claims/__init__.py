"""The ten claims as questions to the model: protocols, what is asked of each, and the answers that ship."""
