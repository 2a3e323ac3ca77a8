"""What is known: typed records with source and grade, effect sizes, meta-analysis. Knows no model of ours."""
