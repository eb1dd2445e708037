"""The file format as pydantic models: what may be written in `krd.yaml` and `okrs/*.yaml`."""
