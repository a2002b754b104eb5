"""Files and folders in one file, with the digest of each."""
