"""When something is told: pure rules, without a clock of their own."""
