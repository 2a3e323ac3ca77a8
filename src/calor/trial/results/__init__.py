"""What many replicates and the bank say: truth, prediction, operating characteristics, harm."""
