"""Slips drawn, spoiled as thermal paper and hands spoil them, read back by the camera path, the register rebuilt from them."""
