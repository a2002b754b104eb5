"""How bytes on datastores are reached. So far: folders of this machine."""
