"""Users, the way of a request, stations and samples."""
