"""What is owed to Discord and what it was sent: the announcements, what each tells of, and what became of them."""
