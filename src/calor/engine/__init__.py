"""Any ODE system: symbolic -> ir -> backends, methods, dosing, batch. Knows mathematics and no medicine."""
