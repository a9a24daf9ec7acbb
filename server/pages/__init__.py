"""HTML for people: the console of staff and the portal of citizens. Routes are thin: parse, call a feature, render."""
