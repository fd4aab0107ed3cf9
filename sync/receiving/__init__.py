"""What arrives: opening it, looking at it beside the own record, taking it over."""
