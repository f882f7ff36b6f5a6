"""The subcommands of `payflows`, a module each. What they call is elsewhere."""
