"""A real Matrix homeserver for the tests: Synapse, locked in `requirements.txt` and installed into `.venv-synapse`,
apart from Muster."""
