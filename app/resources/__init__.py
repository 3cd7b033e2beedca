"""What the API serves, a module a resource: parameters, answer, rendering and routes in one place."""
