"""Steps from one state of the database's tables to the next, both ways; alembic runs them."""
