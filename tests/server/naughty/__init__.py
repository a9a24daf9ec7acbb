"""What nobody should type and somebody will: the strings, the forms they go into, and the eye that reads the pages they come back on."""
