"""JSON for programs: figures and queues without any person's data, behind tokens, described by OpenAPI."""
