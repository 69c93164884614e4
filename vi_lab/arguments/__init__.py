"""What comes in from outside: each check names the argument, what it needs and what came."""
