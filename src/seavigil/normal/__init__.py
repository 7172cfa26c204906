"""What is usual here: learned from the data itself, visible only once its time bin has closed."""
