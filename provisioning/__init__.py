"""From blank machine to running site: broker, process staging, units. Programs never import this."""
