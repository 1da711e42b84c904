"""What may be shown: suppression of small counts, over the whole time and by period."""
