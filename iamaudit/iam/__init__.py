"""The language of IAM: documents, actions, evaluation and lint. Pure: no pandas, no I/O but data."""
