"""The headless run: parameters checked, notebooks executed, pages exported, the bundle put in place whole."""
