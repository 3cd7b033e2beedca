"""From the seed to a published dataset: reading, rules, loading, rendering."""
