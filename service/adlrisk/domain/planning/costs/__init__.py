"""What an option costs, and the terms it is traded at."""
