"""What people logged, the dossiers that gather it, and of what they are reminded."""
