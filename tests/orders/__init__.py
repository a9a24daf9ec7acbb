"""A day's records in many orders of arrival (`make orders`): the same tables each time, byte for byte (I6)."""
