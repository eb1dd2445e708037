"""What services need from the world, in the words of the domain: adapters fit these, services see nothing else."""
