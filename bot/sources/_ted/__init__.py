"""The notices of TED's search answer."""
