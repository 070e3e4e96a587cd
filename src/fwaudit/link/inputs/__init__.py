"""Where request data enters, how it flows, whether something checks it, and where it ends."""
