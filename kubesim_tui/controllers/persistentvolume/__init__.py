"""Storage: claims and volumes find each other, volumes are provisioned and reclaimed, and what is used is protected."""
