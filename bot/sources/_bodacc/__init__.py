"""The announcements of BODACC."""
