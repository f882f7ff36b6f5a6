"""What must hold of a marketplace."""
