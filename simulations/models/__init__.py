"""How customers and their banks behave, as functions of keyed draws."""
