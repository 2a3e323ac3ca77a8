"""Virtual patients: variation, the life before a trial, measurement. Knows no trial design."""
