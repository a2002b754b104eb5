"""Tables: how a tabular dataset is read into pandas. Import what you need from the modules."""
