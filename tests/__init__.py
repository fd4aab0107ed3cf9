"""One folder for each package, and the checks of the whole house."""
