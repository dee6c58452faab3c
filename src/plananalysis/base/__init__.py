"""What every room stands on: errors, text, tables and files; nothing here knows what a plan is."""
