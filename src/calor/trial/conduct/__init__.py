"""What happens in a simulated trial: who enters, which arm they get, what is measured. Knows no estimator."""
