"""The widgets of the house: what they show has passed `display.safe`; screens use these and no others for text."""
