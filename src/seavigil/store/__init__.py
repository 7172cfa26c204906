"""Files and databases: the only place with SQL or paths of its own."""
