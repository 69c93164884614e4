"""Reading back what was saved: results and trained VAEs. Nothing is ever unpickled."""
