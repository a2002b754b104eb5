"""Datastores elsewhere: object stores, file shares, SFTP, the web."""
