"""Any bytes into ingest (`make fuzz`): nothing crashes, nothing vanishes."""
