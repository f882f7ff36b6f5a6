"""What can be run: frozen values whose every parameter is documented."""
