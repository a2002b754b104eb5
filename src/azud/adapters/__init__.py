"""Implementations of ports. Each family knows the ports and its own library; none knows another family."""
