"""The HTTP face of a workspace: thin routes over the services, and the process around them."""
