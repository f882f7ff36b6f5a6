"""The exhibits. Every file here defines `EXHIBITS`; one more exhibit is one more entry there, or one more file."""
