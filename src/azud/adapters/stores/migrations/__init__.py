"""The history of the schema: one file a revision in `versions`, run by `azud.adapters.stores.migrating`."""
