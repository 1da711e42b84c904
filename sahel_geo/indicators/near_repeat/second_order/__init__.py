"""Second-order analysis: K-functions, their edge correction, nulls and envelopes."""
