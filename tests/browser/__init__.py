"""Tests in real Chromium over real processes."""
