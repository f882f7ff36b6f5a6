"""What is told to the rest of the business, and how it gets there."""
