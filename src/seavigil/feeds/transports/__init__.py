"""Where bytes come from; nothing here knows what they mean."""
