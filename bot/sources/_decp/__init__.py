"""The rows of the consolidated table of contracts, and the contracts they make."""
