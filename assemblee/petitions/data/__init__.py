"""What is published of petitions beside their pages: open data that tells of nobody, calendars, posters."""
