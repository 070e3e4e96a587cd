"""What expressions stand for: types and values, inferred nominally and on demand, in the frame of a call."""
