"""The touchscreen: local pages on loopback that show the desk's view and hand the person's acts back to the desk."""
