"""The disease: its equations, parameter table and slots a drug may act on. Knows no drug and no trial."""
