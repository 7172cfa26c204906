"""Where the steps are put together: the only place that knows them all."""
