"""What members read and learn before they vote: documents and modules of training."""
