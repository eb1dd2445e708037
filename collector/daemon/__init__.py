"""Makes it all happen on time: threads fetch, one thread writes, nothing is spoken before it is stored."""
