"""The watch at work: readings, messages, deliveries, and what is kept between them."""
