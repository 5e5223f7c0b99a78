"""A file of calls on the disk: its header, its versions, who may write it, and what an append that died left."""
