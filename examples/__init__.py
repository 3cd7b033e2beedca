"""Examples of use, each tested."""
