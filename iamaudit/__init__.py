"""Who can do what in an AWS account, and the evidence for it."""
