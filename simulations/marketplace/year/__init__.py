"""A year of a marketplace: vendors join, sell, are paid out and disappear, and buyers come."""
